-- Makes the group if it is not there. Without it nobody knows what was stored: all entries are handed out again, and
-- the markers go, because the entries that they speak of may be gone.
-- KEYS stream, recent, older, refused, marks, bytes · ARGV group
if group_of(KEYS[1], ARGV[1]) then return 0 end
-- First, because a script that has written may go on when memory is out; without a consumer it would stay so.
redis.call('UNLINK', KEYS[2], KEYS[3], KEYS[4])
-- Those of a stream that is there are still true.
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('UNLINK', KEYS[5], KEYS[6]) end
redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
return 1
