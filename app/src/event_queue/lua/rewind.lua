-- Hands out again everything that is kept, and forgets which ids were seen.
-- KEYS stream, recent, older, last, refused · ARGV group
local stream = redis.call('XINFO', 'STREAM', KEYS[1])
local added = nil
for place = 1, #stream, 2 do
  if stream[place] == 'entries-added' then added = stream[place + 1] end
end
local length = redis.call('XLEN', KEYS[1])
if added then
  redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], '0', 'ENTRIESREAD', added - length)
else
  redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], '0')
end
redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[4], KEYS[5])
return length
