"""What other programs print, read into records: a module per program, or a folder where one needs several."""
