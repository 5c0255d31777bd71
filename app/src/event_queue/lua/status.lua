-- KEYS stream, dead, marks · ARGV group
-- Gives: entries that wait, milliseconds that the oldest of them has waited, dead letters, MiB that wait.
local group = group_of(KEYS[1], ARGV[1])
local dead = redis.call('XLEN', KEYS[2])
local oldest, from = nil, '-'
if group then
  from = '(' .. group['last-delivered-id']
  if group['pending'] > 0 then oldest = redis.call('XPENDING', KEYS[1], ARGV[1])[2] end
end
local undelivered = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', 1)[1]
if undelivered and (not oldest or less(undelivered[1], oldest)) then oldest = undelivered[1] end
if not oldest then return { 0, 0, dead, 0 } end
local now = redis.call('TIME')
local age = now[1] * 1000 + math.floor(now[2] / 1000) - tonumber(string.match(oldest, '^%d+'))
return { waiting_in(KEYS[1], group), math.max(age, 0), dead, unstored_marks(KEYS[1], KEYS[3], group) }
