"""Speech: from the audio of one leg to transcript segments with times, while people talk."""
