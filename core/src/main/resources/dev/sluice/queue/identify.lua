-- Says that a chat is known by another id: what waits for it and what comes joins the lane of that, and its pause goes along.
-- What the chat was charged, and until when it is parked, holds for that id, too.
-- KEYS  what the queue's names start with; what its limits' start with
-- ARGV  the chat's lane, the id's, how many chats may be remembered; the capacities of a chat's limit and of a group's
-- Returns 1 if more messages are to be moved by the same step, else 0
-- Atomic because a message must not be accepted for the one while what is older moves to the other.
local lane, most = ARGV[1], tonumber(ARGV[3])
lanes_open(false)

local function parts(buckets, raw)
  local pace
  raw, pace = buckets.current(raw, string.byte(raw, 25) % LEARNED, now)
  local _, parked, expires, kind, places = read('<dddBB', raw)
  return parked, expires, kind, sub(raw, 27, #raw - places * 28), pace, raw, places
end

-- The newest of two windows' times.
local function newest(a, b, capacity)
  local times = {}
  for at = 1, #a + #b, 8 do
    times[#times + 1] = read('<d', a .. b, at)
  end
  table.sort(times, function(one, other) return one > other end)
  local most = math.min(#times, capacity)
  for i = 1, most do
    times[i] = pack('<d', times[i])
  end
  return table.concat(times, '', 1, most)
end

-- Charges a bucket with what <from> was charged, too, and parks it as long. It takes over a pace if it has none.
local function joined(key, from, capacity)
  local buckets = bucket_library()
  local parked, expires, kind, state, pace = parts(buckets, from)
  local into_parked, into_expires, into_kind, into_state, into_pace, raw, places = parts(buckets, call('GET', key) or EMPTY)
  local line, lapses = buckets.line(raw, places, '', now)
  expires = max(expires, into_expires)
  if into_kind == 0 then
    into_kind, into_state = kind, state
  elseif into_kind == kind and kind == WINDOW then
    into_state = newest(into_state, state, capacity)
  elseif into_kind == kind then
    local a, b = read('<d', into_state), read('<d', state)
    local tat = max(a, b) + max(0, min(a, b) - now)
    into_state, expires = pack('<d', tat), max(expires, tat + 1000000)
  end
  buckets.write(key, max(parked, into_parked), expires, into_kind, into_state, line, lapses, now, into_pace or pace)
end

local known, into = call('HGET', ALIASES, lane), lane_now(ARGV[2])
-- Only to what has no other name itself, so that nothing goes round in circles.
if into == lane or not known and call('HLEN', ALIASES) >= most then
  return { 0 }
end
if known ~= into then
  call('HSET', ALIASES, lane, into)
  call('HSET', STATE, 'aliased', 1)
  aliased = '1'
  for i, scope in ipairs({ 'chat:', 'group:' }) do
    local raw = call('GET', limits .. scope .. lane)
    if raw then
      joined(limits .. scope .. into, raw, tonumber(ARGV[3 + i]))
    end
  end
  if call('ZREM', PAUSED, lane) == 1 then
    call('ZADD', PAUSED, 'NX', now, into)
    any_paused = true
    local head = call('ZRANGE', LANE .. into, 0, 0, 'WITHSCORES')
    if head[1] then
      local rank, send = kind_of(head[1], tonumber(head[2]))
      call('ZREM', READY[rank * 3 + send], into)
    end
  end
end
local more = false
local head = call('ZRANGE', LANE .. lane, 0, 0, 'WITHSCORES')
if head[1] then
  if not call('ZSCORE', LEASED_SET, lane) then
    lane_unplace(lane, kind_of(head[1], tonumber(head[2])))
  end
  more = lane_merge(lane, into, lane_add)
  lanes_announce()
end
lanes_close()
return { more and 1 or 0 }
