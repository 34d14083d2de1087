-- Leases the messages that may be sent now.
-- KEYS  what the queue's names start with; what its limits' start with; the bot's bucket; the paid lane's
-- ARGV  I4 how many at most, d lease, d how long results are kept (microseconds), I4 retries; then the limits
-- Returns the first message's fence (the others' follow by one), microseconds until the next wake-up or -1, the time, the scopes of limits
-- in shadow mode that would have held a message, each followed by a space; 1 if rebuild.lua is to be run; then per message its number and its record as it was before
-- Atomic because a message may be leased only if all its buckets are charged, because chats take turns between processes,
-- and because one chat has one message in flight.
local most, lease, keep, retries = read('<I4ddI4', ARGV[1])
lanes_open(true)
questions_open(sub(ARGV[1], 25))
local wake = sweep(retries, keep, now)
lanes_flush()
local reply, leased = { 0, 0, now, '', 0 }, 0

local state = call('HMGET', STATE, 'pass', 'pass:h', 'pass:n', 'pass:l', 'paused', 'paused:h', 'paused:n', 'paused:l',
  'owed', 'owed:p', 'owed:r', 'mending')
local times_before = { [0] = times[0], times[1], times[2], times[3] }
local pass = { [0] = tonumber(state[1]) or 0, tonumber(state[2]) or 0, tonumber(state[3]) or 0, tonumber(state[4]) or 0 }

-- When the queue may next go before calls that wait for the bot's bucket, the paid lane's, or that of replies.
local owed = { [0] = tonumber(state[9]) or 0, tonumber(state[10]) or 0, tonumber(state[11]) or 0 }

-- The first chats of every rank and kind with their tags, which of them is next, and how many were read: what is claimed
-- leaves and nobody joins before the end, so that each set is read once, in pieces that grow.
local heads, nexts, taken = {}, {}, {}
local looks = most + SWEPT
local function heads_read(i, from)
  local piece = max(most, from)
  local chats = call('ZRANGE', READY[i], from, from + piece - 1, 'WITHSCORES')
  heads[i], nexts[i], taken[i] = chats[1] and chats, 1, from + piece
end
do
  -- The usual ones first: there are mostly one or two, and to read nothing costs nearly as much as to read something.
  local unread = call('EXISTS', unpack(READY, 0, 11))
  for _, i in ipairs({ 6, 3, 5, 9, 0, 8, 7, 4, 10, 2, 11, 1 }) do
    local rank = floor(i / 3)
    if unread > 0 and not state[5] and (rank == 0 or not state[5 + rank]) then
      heads_read(i, 0)
      unread = heads[i] and unread - 1 or unread
    end
  end
end
-- Who has nothing to send saves nothing up.
local function idle_passes()
  for rank = 1, 3 do
    if not heads[rank * 3] and not heads[rank * 3 + 1] and not heads[rank * 3 + 2] then
      pass[rank] = max(pass[rank], pass[0])
    end
  end
end
idle_passes()

-- Kinds whose messages are all held by a limit of theirs, and the set whose first chat is next.
local blocked, set_next = {}, nil
do
  -- The rank's kind whose first chat goes before the others', of those that are not held, or nil.
  local function kind_next(rank)
    local best, first
    for send = 0, 2 do
      local i = rank * 3 + send
      local head = not blocked[send] and heads[i]
      if head and (not best or tonumber(head[nexts[i] + 1]) < tonumber(first[nexts[best] + 1])) then
        best, first = i, head
      end
    end
    return best
  end

  function set_next()
    local best = kind_next(0)
    if best then
      return best
    end
    local least = math.huge
    for rank = 1, 3 do
      if pass[rank] < least then
        local kind = kind_next(rank)
        if kind then
          best, least = kind, pass[rank]
        end
      end
    end
    return best
  end
end

-- Buckets that every message of a kind is charged to are read once and written once.
local shared, shared_ttl = {}, {}

local gone, leases, waits, again = {}, {}, {}, {}
local STRIDE, LEASE_ENDS, LEASE_ENDS_TEXT = { [0] = 1, 1, 4, 16 }, now + lease, string.format(WHOLE, now + lease)

-- A message whose lifetime is over before the sweep has come that far.
local function late(lane, number, raw, rank, was)
  again[#again + 1] = lane
  call('ZREM', LANE .. lane, number)
  call('ZREM', EXPIRING, number)
  count('depth:' .. RANKS[rank], -1)
  if was == RETRYING then
    count('retrying:' .. RANKS[rank], -1)
  end
  message_given_up(number, message_read(raw), EXPIRED, keep, now)
end

-- Whether all its limits let a message pass, which charges them; else whether its chat alone waits, for a limit of its own, and not all
-- of its kind. Then how far apart the turns are of all chats.
local passes
do
  local function shared_raw(key)
    local raw = shared[key]
    if raw == nil then
      raw = call('GET', key)
      shared[key] = raw
    end
    return raw
  end

  -- What the buckets of these keys hold, of which the first <all> are of all chats.
  local function raws_of(keys, all)
    local raws = { shared_raw(BOT_BUCKET), all == 2 and shared_raw(keys[2]) or nil }
    for i = 1 + all, #keys do
      raws[i] = call('GET', keys[i])
    end
    return raws
  end

  local function denied(lane, send, all, denial, keys, raws, asked, cost, first)
    for i in pairs(denial.mended) do
      -- Written down, or time would not go on until the next charge.
      bucket_library().rewrite(keys[i], raws[i], 0, now)
      if i <= all then
        shared[keys[i]] = nil
      end
    end
    wake = min(wake, denial.at)
    if denial.limiting > all then
      local n = #waits
      waits[n + 1], waits[n + 2] = denial.at, lane
      return true
    end
    blocked[send] = true
    local key = keys[denial.limiting]
    local again_at, written = standing.denied(key, raws[denial.limiting], asked, cost, denial, first, owed[send])
    wake = min(wake, again_at)
    if written then -- with what was charged
      shared[key], shared_ttl[key] = nil, nil
    end
    return false
  end

  local function charge(keys, all, values, ttls)
    for i = 1, #keys do
      if not values[i] then -- only asked
      elseif i <= all then
        shared[keys[i]], shared_ttl[keys[i]] = values[i], ttls[i] or shared_ttl[keys[i]] or false
      elseif ttls[i] then
        call('PSETEX', keys[i], ttls[i], values[i])
      else
        call('SET', keys[i], values[i], 'KEEPTTL')
      end
    end
  end

  function passes(lane, number, rank, send, was, flags, cost)
    local asked, scopes, limit = question(flags, rank == 0, cost)
    local all, keys = limit == 1 and 1 or 2, question_keys(scopes, lane)
    local raws = raws_of(keys, all)
    local first, since = standing.of(number, rank, was == RETRYING, owed[send])
    local denial, values, ttls, _, shadowed = bucket_decide_shadowed(raws, asked, now, all, first, since)
    if denial then
      return false, denied(lane, send, all, denial, keys, raws, asked, cost, first)
    end
    charge(keys, all, values, ttls)
    if shadowed then
      reply[4] = reply[4] .. scopes[shadowed] .. ' '
    end
    return true, true, standing.apart(limit, values[all])
  end
end

local set = set_next()
while set and leased < most and looks > 0 do
  looks = looks - 1
  local rank, send, head, at = floor(set / 3), set % 3, heads[set], nexts[set]
  local lane, tag = head[at], floor(tonumber(head[at + 1]) / ARRIVALS)
  local number = call('ZRANGE', LANE .. lane, 0, 0)[1]
  local raw = number and call('GET', MESSAGE .. number)
  local goes = true
  if not raw then
    -- Evicted, whatever was said about that: nothing is left that could be sent.
    if number then
      call('ZREM', LANE .. lane, number)
      count('lost', 1)
      count('depth:' .. RANKS[rank], -1)
      again[#again + 1] = lane
    end
  else
    local was, flags, _, attempts, failure, cost, _, _, deadline = read(HEAD, raw)
    if deadline > 0 and deadline <= now then
      late(lane, number, raw, rank, was)
    else
      local passed, apart
      passed, goes, apart = passes(lane, number, rank, send, was, flags, cost)
      if passed then
        local fence = lanes_tick(now)
        if leased == 0 then
          reply[1] = fence
        end
        call('SETRANGE', MESSAGE .. number, 0,
          pack(HEAD, LEASED, was == AGAIN and bit.bor(flags, DOUBT) or flags, rank, attempts, failure, cost, fence, LEASE_ENDS, deadline))
        call('ZADD', LANE .. lane, place_in_front(set, tag), number)
        if deadline > 0 then
          call('ZREM', EXPIRING, number)
        end
        if was == RETRYING then
          count('retrying:' .. RANKS[rank], -1)
        end
        local n = leased * 2
        leases[n + 1], leases[n + 2], reply[n + 6], reply[n + 7] = LEASE_ENDS_TEXT, lane, number, raw
        leased = leased + 1
        times[rank] = max(times[rank], tag)
        if rank > 0 then
          pass[0] = pass[rank]
          pass[rank] = pass[rank] + cost * STRIDE[rank]
          owed[send] = standing.owed_next(owed[send], cost, STRIDE[rank], apart)
        end
      end
    end
  end
  if goes then
    local from = gone[set]
    if not from then
      from = {}
      gone[set] = from
    end
    from[#from + 1] = lane
    nexts[set] = at + 2
    if not head[at + 2] then
      heads_read(set, taken[set])
    end
  end
  set = set_next()
end
idle_passes()

for i, lanes in pairs(gone) do
  call('ZREM', READY[i], unpack(lanes))
end
for key, ttl in pairs(shared_ttl) do
  if ttl then
    call('PSETEX', key, ttl, shared[key])
  else
    call('SET', key, shared[key], 'KEEPTTL')
  end
end
if waits[1] then
  call('ZADD', WAITING, unpack(waits))
end
if leased > 0 then
  call('ZADD', LEASED_SET, unpack(leases))
  wake = min(wake, LEASE_ENDS)
end
for _, lane in ipairs(again) do
  lane_joins(lane)
end
if leased > 0 then
  for rank = 0, 3 do
    local name = rank == 0 and 'pass' or 'pass:' .. RANKS[rank]
    if pass[rank] ~= tonumber(state[1 + rank]) then
      field(name, pass[rank])
    end
    if times[rank] ~= times_before[rank] then
      field('time:' .. RANKS[rank], times[rank])
    end
  end
  if owed[0] ~= tonumber(state[9]) then
    field('owed', owed[0])
  end
  if owed[1] ~= tonumber(state[10]) then
    field('owed:p', owed[1])
  end
  if owed[2] ~= tonumber(state[11]) then
    field('owed:r', owed[2])
  end
end
if leased == 0 and woken then
  call('HDEL', STATE, 'woken')
end
lanes_close()
if set or again[1] then
  wake = now
end
if state[12] and (tonumber(state[12]) or 0) <= now then
  reply[5] = 1
end
reply[2] = wake == math.huge and -1 or max(0, math.ceil(wake - now))
return reply
