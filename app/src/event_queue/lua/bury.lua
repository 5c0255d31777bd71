-- Moves entries to the dead letters. What somebody else dealt with meanwhile is left alone.
-- KEYS stream, dead, refused, recent, older, marks
-- ARGV group, name, MiB to keep, (entry, payload, cause, tries, event id, marker to forget)…
local buried = 0
for place = 4, #ARGV, 6 do
  local id = ARGV[place]
  if is_pending(KEYS[1], ARGV[1], id) then
    -- Redis lets a script that has written go on when memory is out. Without this, a bad entry that is the oldest one
    -- would hold up trimming, and trimming is what makes room.
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id, 'JUSTID')
    -- The letter comes before the acknowledgement: whatever fails between the two, the event is somewhere.
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
if buried > 0 then trim(KEYS[1], KEYS[6], ARGV[1], tonumber(ARGV[3])) end
return buried
