"""What other programs print, read into records: one module per program. Nothing here measures or prints."""
