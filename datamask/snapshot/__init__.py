"""From a live database to a masked artifact: chunk planning, COPY text codec, extraction, manifest."""
