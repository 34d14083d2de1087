-- Takes out of a queue what another program wrote there, or cut, and a step fails on: messages, lanes, limits of chats. What is gone is counted
-- as what Redis evicted; chats go on with their next message.
-- KEYS  what the queue's names start with; what its limits' start with
-- Returns how many messages, lanes and limits were taken out
-- Atomic because a message must not leave its lane while another step works on it.
local LOOKED = 600 -- more chats than a claim looks at
local LOG_HEAD = 9
lanes_open(true)
local messages, lanes, buckets = 0, 0, 0

local STATES = {
  [QUEUED] = true, [AGAIN] = true, [RETRYING] = true, [DELAYED] = true, [LEASED] = true, [UNKNOWN] = true, [DEAD] = true, [SENT] = true,
  [FAILED] = true,
}

local function is_time(value)
  return value >= 0 and value < 9007199254740992
end

-- Whether each failed attempt is whole.
local function is_log(log)
  local at = 1
  while at <= #log do
    local length = string.byte(log, at + LOG_HEAD - 1)
    if not length or at + LOG_HEAD + length - 1 > #log then
      return false
    end
    at = at + LOG_HEAD + length
  end
  return true
end

-- What is not there was evicted, which every step expects.
local function is_readable(number)
  local raw = redis.pcall('GET', MESSAGE .. number)
  if not raw then
    return true
  end
  local read_it, m = pcall(message_read, raw)
  return type(raw) == 'string' and read_it and STATES[m.state] and m.rank <= 3 and m.failure <= SUPPRESSED and m.cost > 0 and is_time(m.fence)
    and is_time(m.ends) and is_time(m.deadline) and is_log(m.log)
    and (m.replaces == '' or string.byte(m.replaces, -1) > 0 or #m.replaces >= 3)
end

local function is_number(number)
  return #number < 18 and string.find(number, '^%d+$')
end

local function take_out(number)
  call('DEL', MESSAGE .. number, CALLBACK_OF .. number)
  for _, set in ipairs({ OWED_SET, EXPIRING, DELAYED_SET, DEAD_SET, UNKNOWN_SET }) do
    call('ZREM', set, number)
  end
  count('lost', 1)
  messages = messages + 1
end

local function mend_lane(lane)
  local heads = redis.pcall('ZRANGE', LANE .. lane, 0, 2, 'WITHSCORES')
  if heads.err then
    call('DEL', LANE .. lane)
    lane_leaves(lane)
    lanes = lanes + 1
    return
  end
  for i = 1, #heads, 2 do
    local number, numbered = heads[i], is_number(heads[i])
    if not numbered or not is_readable(number) then
      local rank = numbered and kind_of(number, tonumber(heads[i + 1]))
      call('ZREM', LANE .. lane, number)
      if RANKS[rank] then
        count('depth:' .. RANKS[rank], -1)
      end
      take_out(number)
      -- A chat stands where its first message belongs; one behind a message that is in flight changes nothing.
      if i == 1 then
        lane_leaves(lane)
        lane_joins(lane)
        lanes_flush()
      end
    end
  end
end

-- A chat stands with those in flight although none of its messages is: a step failed after it had taken that out.
local function mend_leased(lane)
  local head = call('ZRANGE', LANE .. lane, 0, 0, 'WITHSCORES')
  if not head[1] or tonumber(head[2]) >= HELD then
    lane_leaves(lane)
    lane_joins(lane)
    lanes_flush()
    lanes = lanes + 1
  end
end

-- As buckets.lua has it.
local function mend_bucket(key)
  local raw = redis.pcall('GET', key)
  if not raw then
    return
  end
  local intact = type(raw) == 'string' and #raw >= 34
  if intact then
    local kind, places = string.byte(raw, 25), string.byte(raw, 26)
    local size = #raw - places * 28 - (kind >= 128 and 56 or 0)
    intact = (kind % 128 == 0 or kind % 128 == 71 or kind % 128 == 87) and size >= 34 and (size - 26) % 8 == 0
  end
  if not intact then
    call('DEL', key)
    buckets = buckets + 1
  end
end

for _, set in ipairs({ DELAYED_SET, EXPIRING }) do
  for _, number in ipairs(call('ZRANGE', set, 0, LOOKED - 1)) do
    if not is_number(number) or not is_readable(number) then
      call('ZREM', set, number)
      if set == DELAYED_SET then
        take_out(number)
      end
    end
  end
end
local looked = {}
local function mend_lanes(set)
  for _, lane in ipairs(call('ZRANGE', set, 0, LOOKED - 1)) do
    if not looked[lane] then
      looked[lane] = true
      mend_lane(lane)
      if set == LEASED_SET and call('ZSCORE', LEASED_SET, lane) then
        mend_leased(lane)
      end
      for _, scope in ipairs({ 'chat:', 'group:', 'user:' }) do
        mend_bucket(limits .. scope .. lane)
      end
    end
  end
end
for i = 0, 11 do
  mend_lanes(READY[i])
end
mend_lanes(WAITING)
mend_lanes(LEASED_SET)
lanes_close()
return { messages, lanes, buckets }
