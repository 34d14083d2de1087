-- Finds what has no place in a queue since another program wrote into a lane or into what all chats share: looks at a bounded number of keys, and
-- puts each message and each chat where it belongs unless it is there. In the last step, recounts.
-- KEYS  what the queue's names start with; what its limits' start with
-- ARGV  where to go on, 0 to begin; about how many keys to look at; for how long the rebuilding is left to who does it, microseconds
-- Returns where to go on, 0 at the end; how many had no place
-- Atomic because each of them may be leased, settled or changed at the same moment. To do it twice does no harm.
local MOST_RECOUNTED = 10000
local found_places = 0
lanes_open(true)

local function placed(set, at, member)
  if call('ZADD', set, 'NX', string.format(WHOLE, at), member) == 1 then
    found_places = found_places + 1
  end
end

local function in_flight(lane, m)
  if not call('ZSCORE', LEASED_SET, lane) then
    lane_leaves(lane)
    placed(LEASED_SET, m.ends, lane)
  end
end

local function in_lane(number, m)
  local key = LANE .. m.lane
  local at = redis.pcall('ZSCORE', key, number)
  if type(at) == 'table' then -- another program wrote there
    call('DEL', key)
    lane_leaves(m.lane)
    at = false
  end
  return at
end

local function waits(number, m)
  if not in_lane(number, m) then
    m.lane = lane_now(m.lane)
    if m.state == RETRYING then
      count('retrying:' .. RANKS[m.rank], -1)
      m.state, m.ends = QUEUED, 0
    end
    message_write(number, m)
    lane_add(m.lane, number, m.rank, send_of(m.flags))
    lanes_flush()
    count('depth:' .. RANKS[m.rank], -1) -- it was counted when it was accepted
    found_places = found_places + 1
  end
  if m.deadline > 0 then
    placed(EXPIRING, m.deadline, number)
  end
end

local function message(number)
  local m = is_number(number) and readable(redis.pcall('GET', MESSAGE .. number))
  if not m then
    return
  end
  if m.state == QUEUED or m.state == AGAIN or m.state == RETRYING then
    waits(number, m)
  elseif m.state == LEASED then
    if not in_lane(number, m) then
      call('ZADD', LANE .. m.lane, place_in_front(m.rank * 3 + send_of(m.flags), times[m.rank]), number)
      found_places = found_places + 1
    end
    in_flight(m.lane, m)
  elseif m.state == DELAYED then
    placed(DELAYED_SET, m.ends, number)
    if m.deadline > 0 then
      placed(EXPIRING, m.deadline, number)
    end
  elseif m.state == DEAD then
    placed(DEAD_SET, m.ends, number)
  elseif m.state == UNKNOWN then
    placed(UNKNOWN_SET, m.ends, number)
  end
end

local function has_place(lane)
  for i = 0, 11 do
    if call('ZSCORE', READY[i], lane) then
      return true
    end
  end
  return call('ZSCORE', WAITING, lane) or call('ZSCORE', LEASED_SET, lane)
end

local function chat(lane)
  local head = redis.pcall('ZRANGE', LANE .. lane, 0, 0)
  if head.err then
    call('DEL', LANE .. lane)
    lane_leaves(lane)
    return
  end
  if not head[1] or has_place(lane) then
    return
  end
  local m = is_number(head[1]) and readable(redis.pcall('GET', MESSAGE .. head[1]))
  if m and m.state == LEASED then
    in_flight(lane, m)
  elseif call('ZSCORE', PAUSED, lane) then
    return -- it has none until it goes on
  elseif m and m.state == RETRYING then
    placed(WAITING, m.ends, lane)
  else
    lane_joins(lane)
    lanes_flush()
    found_places = found_places + 1
  end
end

local function callback(number)
  local _, standing = callback_readable(number)
  if is_number(number) and standing == OWED then
    placed(OWED_SET, now, number)
    call('PEXPIRE', OWED_SET, CALLBACK_LIFE)
  end
end

-- Each lane that has a place, or is paused; nothing if they are too many for one step.
local function all_lanes()
  local sets, all, many = { WAITING, LEASED_SET, PAUSED }, {}, 0
  for i = 0, 11 do
    sets[#sets + 1] = READY[i]
  end
  for _, set in ipairs(sets) do
    many = many + call('ZCARD', set)
  end
  if many + call('ZCARD', DEAD_SET) > MOST_RECOUNTED then
    return nil
  end
  for _, set in ipairs(sets) do
    for _, lane in ipairs(call('ZRANGE', set, 0, -1)) do
      all[lane] = true
    end
  end
  return all
end

local function recount_waiting(lanes)
  local depth, retrying = { [0] = 0, 0, 0, 0 }, { [0] = 0, 0, 0, 0 }
  for lane in pairs(lanes) do
    local key = LANE .. lane
    local front = call('ZRANGEBYSCORE', key, '-inf', string.format('(%.0f', HELD), 'WITHSCORES')
    for i = 1, #front, 2 do
      local rank = kind_of(front[i], tonumber(front[i + 1]))
      depth[rank] = depth[rank] + 1
      local state = redis.pcall('GETRANGE', MESSAGE .. front[i], 0, 0)
      if state == string.char(RETRYING) then
        retrying[rank] = retrying[rank] + 1
      end
    end
    for rank = 0, 3 do
      local from = rank == 0 and HELD or rank * RANK
      depth[rank] = depth[rank] + call('ZCOUNT', key, string.format('%.0f', from), string.format('(%.0f', (rank + 1) * RANK))
    end
  end
  local all = 0
  for rank = 0, 3 do
    call('HSET', STATE, 'depth:' .. RANKS[rank], depth[rank], 'retrying:' .. RANKS[rank], retrying[rank])
    all = all + depth[rank]
  end
  return all
end

-- What has ended is not known any more, but for what is a dead letter: what was accepted is then what is there, and what has ended since.
local function recount_all(waiting)
  local dead, ended = {}, tonumber(call('HGET', STATE, 'sent')) or 0
  for _, number in ipairs(call('ZRANGE', DEAD_SET, 0, -1)) do
    local raw = redis.pcall('GETRANGE', MESSAGE .. number, 4, 4)
    local failure = type(raw) == 'string' and string.byte(raw) or REFUSED
    dead[failure] = (dead[failure] or 0) + 1
  end
  for failure = REFUSED, SUPPRESSED do
    local failed = max(dead[failure] or 0, tonumber(call('HGET', STATE, 'failed:' .. failure)) or 0)
    call('HSET', STATE, 'failed:' .. failure, failed)
    ended = ended + failed
  end
  call('HSET', STATE, 'accepted', ended + waiting + call('ZCARD', UNKNOWN_SET) + call('ZCARD', DELAYED_SET))
end

local found = call('SCAN', ARGV[1], 'MATCH', queue .. '*', 'COUNT', ARGV[2])
for _, key in ipairs(found[2]) do
  local kind, rest = string.match(sub(key, #queue + 1), '^(%l+):(.*)$')
  if kind == 'm' then
    message(rest)
  elseif kind == 'lane' then
    chat(rest)
  elseif kind == 'callback' then
    callback(rest)
  end
end
local done = found[1] == '0'
if not done then
  field('mending', now + tonumber(ARGV[3]))
end
lanes_announce()
lanes_close()
if done then
  local lanes = all_lanes()
  local waiting = lanes and recount_waiting(lanes)
  if waiting and call('HEXISTS', STATE, 'uncounted') == 1 then
    recount_all(waiting)
  end
  call('HDEL', STATE, 'mending', 'uncounted')
end
return { found[1], found_places }
