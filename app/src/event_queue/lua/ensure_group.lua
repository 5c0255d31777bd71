-- Makes the group if it is not there. Without it nobody knows what was stored: all entries are handed out again, and
-- the markers go, because the entries that they speak of may be gone.
-- KEYS stream, recent, older, refused · ARGV group
local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
if made.err then
  if string.find(made.err, 'BUSYGROUP', 1, true) then return 0 end
  return made
end
redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[4])
return 1
