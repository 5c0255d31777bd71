-- Moves entries to the dead letters. The letter is written first: a Redis that is out of memory refuses that, and then
-- nothing has happened. What somebody else dealt with meanwhile is left alone.
-- KEYS stream, dead, refused, recent, older · ARGV group, (entry, payload, cause, tries, event id, marker to forget)…
local buried = 0
for place = 2, #ARGV, 6 do
  local id = ARGV[place]
  if is_pending(KEYS[1], ARGV[1], id) then
    redis.call('XADD', KEYS[2], '*', 'event', ARGV[place + 1], 'cause', ARGV[place + 2],
      'tries', ARGV[place + 3], 'id', ARGV[place + 4])
    redis.call('XACK', KEYS[1], ARGV[1], id)
    redis.call('HDEL', KEYS[3], id)
    if ARGV[place + 5] ~= '' then
      redis.call('HDEL', KEYS[4], ARGV[place + 5])
      redis.call('HDEL', KEYS[5], ARGV[place + 5])
    end
    buried = buried + 1
  end
end
return buried
