-- Takes out of a queue what another program wrote there, or cut, and a step fails on: messages, lanes, limits of chats, what all chats share. What is
-- gone of messages is counted as what Redis evicted; chats go on with their next one. Where a lane or what is shared was taken out, rebuild.lua is to
-- find what stood there: it is owed from here on, and whoever claims is told so until it is done.
-- KEYS  what the queue's names start with; what its limits' start with
-- Returns how many messages, lanes, limits, places and states were taken out; 1 if rebuild.lua is owed
-- Atomic because a message must not leave its lane while another step works on it.
local LOOKED, BURST = 600, 1000000 -- more chats than a claim looks at; more messages than are accepted at once
local messages, lanes, buckets, places, states = 0, 0, 0, 0, 0
local rebuild, uncounted = false, false

-- What all chats share, before anything else reads it: all values of the state are whole numbers.
local function mend_type(key, kind)
  local found = redis.call('TYPE', key).ok
  if found == 'none' or found == kind then
    return 0
  end
  redis.call('DEL', key)
  rebuild = true
  return 1
end

do
  local sets = { WAITING, LEASED_SET, PAUSED, EXPIRING, DELAYED_SET, DEAD_SET, UNKNOWN_SET, OWED_SET }
  for i = 0, 11 do
    sets[#sets + 1] = READY[i]
  end
  for _, set in ipairs(sets) do
    places = places + mend_type(set, 'zset')
  end
  states = mend_type(ALIASES, 'hash')
  local gone = mend_type(STATE, 'hash')
  states, uncounted = states + gone, gone > 0
  local fields = redis.call('HGETALL', STATE)
  for i = 1, #fields, 2 do
    local value = string.find(fields[i + 1], '^%-?%d+$') and tonumber(fields[i + 1])
    if not value or math.abs(value) >= 9007199254740992 then
      redis.call('HDEL', STATE, fields[i])
      states, rebuild, uncounted = states + 1, true, true
    end
  end
end
lanes_open(true)
if uncounted then
  -- Nobody knows what the greatest number was: those of a burst are ahead of the clock.
  last = max(last, now) + BURST
end

-- What is not there was evicted, which every step expects.
local function is_readable(number)
  local raw = redis.pcall('GET', MESSAGE .. number)
  return not raw or readable(raw)
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
    lanes, rebuild = lanes + 1, true
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
if rebuild then
  field('mending', now)
end
if uncounted then
  field('uncounted', 1)
end
lanes_close()
return { messages, lanes, buckets, places, states, rebuild and 1 or 0 }
