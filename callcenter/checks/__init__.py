"""What `callcenter.check` is put together from: a file for each thing that is looked at."""
