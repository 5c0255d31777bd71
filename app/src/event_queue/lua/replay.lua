-- Puts dead letters back, whatever the markers say.
-- KEYS dead, stream, marks, bytes · ARGV letters…
local replayed = 0
for _, id in ipairs(ARGV) do
  local letter = redis.call('XRANGE', KEYS[1], id, id)[1]
  if letter then
    for place = 1, #letter[2], 2 do
      if letter[2][place] == 'event' then add(KEYS[2], KEYS[3], KEYS[4], letter[2][place + 1]) end
    end
    redis.call('XDEL', KEYS[1], id)
    replayed = replayed + 1
  end
end
return replayed
