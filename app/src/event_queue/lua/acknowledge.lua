-- KEYS stream, refused, last, marks · ARGV group, id of the last stored event or '', MiB to keep, entries…
local acknowledged = redis.call('XACK', KEYS[1], ARGV[1], unpack(ARGV, 4))
if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('HDEL', KEYS[2], unpack(ARGV, 4)) end
if ARGV[2] ~= '' then redis.call('SET', KEYS[3], ARGV[2]) end
trim(KEYS[1], KEYS[4], ARGV[1], tonumber(ARGV[3]))
return acknowledged
