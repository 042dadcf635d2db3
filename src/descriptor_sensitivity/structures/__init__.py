"""Where structures come from: generated methane, files of frames, downloads."""
