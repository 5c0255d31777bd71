-- KEYS stream, marks · ARGV group, MiB to keep
return trim(KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2]))
