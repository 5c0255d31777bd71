-- Entries that were set aside at least so long ago, each with the count of its refusals. Taking one makes it young
-- again, so that two processes never take the same.
-- KEYS stream, refused · ARGV group, name, milliseconds, most
local taken = {}
local old = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[3], '-', '+', ARGV[4], ARGV[2])
for _, pending in ipairs(old) do
  local claimed = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], pending[1])
  if #claimed > 0 then
    taken[#taken + 1] = { claimed[1], tonumber(redis.call('HGET', KEYS[2], pending[1]) or 0) }
  end
end
return taken
