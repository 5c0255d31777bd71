-- Tells that a consumer still works on its entries; what was claimed by another meanwhile stays there.
-- KEYS stream · ARGV group, consumer, entries…
local held = 0
for place = 3, #ARGV do
  local id = ARGV[place]
  if #redis.call('XPENDING', KEYS[1], ARGV[1], id, id, 1, ARGV[2]) > 0 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id, 'JUSTID')
    held = held + 1
  end
end
return held
