-- Counts a refusal of each entry and gives them to the one who tries such entries alone.
-- KEYS stream, refused · ARGV group, that one's name, entries…
for place = 3, #ARGV do
  local id = ARGV[place]
  if is_pending(KEYS[1], ARGV[1], id) then
    -- First, so that counting is allowed when memory is out.
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id, 'JUSTID')
    redis.call('HINCRBY', KEYS[2], id, 1)
  end
end
return 0
