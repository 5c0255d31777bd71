-- What the scripts share. Ids are "milliseconds-number"; both parts stay far below 2^53.
local MIB = 1048576

local function less(left, right)
  local left_time, left_number = string.match(left, '^(%d+)-(%d+)$')
  local right_time, right_number = string.match(right, '^(%d+)-(%d+)$')
  if left_time ~= right_time then return tonumber(left_time) < tonumber(right_time) end
  return tonumber(left_number) < tonumber(right_number)
end

-- What Redis tells of the group, by name; nil without a stream or a group.
local function group_of(stream, name)
  local groups = redis.pcall('XINFO', 'GROUPS', stream)
  if groups.err then return nil end
  for _, flat in ipairs(groups) do
    local group = {}
    for place = 1, #flat, 2 do group[flat[place]] = flat[place + 1] end
    if group['name'] == name then return group end
  end
  return nil
end

-- Entries that are not stored yet: undelivered ones and pending ones. Where Redis cannot tell, all there are.
local function waiting_in(stream, group)
  if group and group['lag'] then return group['lag'] + group['pending'] end
  return redis.call('XLEN', stream)
end

-- Everything before this id is stored. Both ends count: after a rewind what was delivered last comes before what is
-- pending.
local function stored_before(stream, group)
  local delivered = group['last-delivered-id']
  if group['pending'] == 0 then return delivered end
  local pending = redis.call('XPENDING', stream, group['name'])[2]
  return less(pending, delivered) and pending or delivered
end

-- Trims what is stored; the newest `keep` MiB stay, for a database that is restored to an earlier state.
-- Never an entry that is undelivered or pending, however much that is.
local function trim(stream, marks, name, keep)
  local known = redis.call('LLEN', marks)
  if keep > 0 and known <= keep then return 0 end
  local group = group_of(stream, name)
  if not group then return 0 end
  local bound = stored_before(stream, group)
  if keep > 0 then
    local mark = redis.call('LINDEX', marks, -(keep + 1))
    if less(mark, bound) then bound = mark end
  end
  local removed = redis.call('XTRIM', stream, 'MINID', bound)
  local mark = redis.call('LINDEX', marks, 0)
  while mark and not less(bound, mark) do
    redis.call('LPOP', marks)
    mark = redis.call('LINDEX', marks, 0)
  end
  return removed
end

-- MiB that are not stored yet: the marks that trimming would leave.
local function unstored_marks(stream, marks, group)
  local known = redis.call('LRANGE', marks, 0, -1)
  local stored = 0
  if group then
    local bound = stored_before(stream, group)
    while stored < #known and not less(bound, known[stored + 1]) do stored = stored + 1 end
  end
  return #known - stored
end

-- Appends one payload. `marks` gets an id for each MiB that goes in, so that trimming and the cap need no counting.
local function add(stream, marks, bytes, payload)
  local id = redis.call('XADD', stream, '*', 'event', payload)
  local size = #payload + 100
  local total = redis.call('INCRBY', bytes, size)
  for _ = math.floor((total - size) / MIB) + 1, math.floor(total / MIB) do
    redis.call('RPUSH', marks, id)
  end
end

local function is_pending(stream, name, id)
  return #redis.call('XPENDING', stream, name, id, id, 1) > 0
end
