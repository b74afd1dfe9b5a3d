"""The numbering schemes of national identifiers, by the names that python-stdnum has for them."""
