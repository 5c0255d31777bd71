-- Appends the events that are new. An entry comes before its marker: if the script ends between the two, the event
-- is appended once more and the database finds the duplicate; never is a marker without its entry.
-- KEYS stream, dead, recent, older, marks, bytes · ARGV group, most entries, most MiB, rotate at, (id, digest, payload)…
-- Gives one letter for each event, or how many wait if that is too many.
local stream, dead, recent, older, marks, bytes = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local length = redis.call('XLEN', stream)
if length == 0 and redis.call('EXISTS', stream) == 0 then
  -- Somebody took the stream away: what its markers say is not so any more.
  redis.call('UNLINK', recent, older)
end
-- Marks of what is gone would count for ever: only what is stored later takes marks away.
if length == 0 and redis.call('EXISTS', marks) == 1 then redis.call('UNLINK', marks) end
local most = tonumber(ARGV[2])
local buried = redis.call('XLEN', dead)
-- What is stored and only kept for a restore makes room.
if redis.call('LLEN', marks) >= tonumber(ARGV[3]) then trim(stream, marks, ARGV[1], 0) end
if length + buried >= most or redis.call('LLEN', marks) >= tonumber(ARGV[3]) then
  local waiting = waiting_in(stream, group_of(stream, ARGV[1])) + buried
  if waiting >= most or redis.call('LLEN', marks) >= tonumber(ARGV[3]) then return waiting end
end
local outcomes = {}
for place = 5, #ARGV, 3 do
  local id, digest = ARGV[place], ARGV[place + 1]
  local known = redis.call('HGET', recent, id) or redis.call('HGET', older, id)
  if not known then
    add(stream, marks, bytes, ARGV[place + 2])
    redis.call('HSET', recent, id, digest)
    outcomes[#outcomes + 1] = 'n'
  elseif known == digest then
    outcomes[#outcomes + 1] = 'd'
  else
    outcomes[#outcomes + 1] = 'c'
  end
end
if redis.call('HLEN', recent) >= tonumber(ARGV[4]) then
  redis.call('UNLINK', older)
  redis.call('RENAME', recent, older)
end
return table.concat(outcomes)
