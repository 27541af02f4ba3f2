"""The sections of a report, one module each: what was found is put into words, tables and figures."""
