"""One plain function a verb: typed arguments in, a frozen result out."""
