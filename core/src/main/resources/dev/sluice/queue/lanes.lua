-- Library, after messages.lua: where messages and chats stand.
--
-- lane:<chat>  zset message -> place: rank * 2^51 + the message's number since LANE_EPOCH, times 4, + its send_of, so that
--              the head alone tells where its chat belongs; exact in a double until 2042, and above HELD since 1970. The message that is leased or
--              between two attempts is before all others: its place is -2^53 + tag * 16 + rank * 3 + send_of, with the tag by
--              which its chat was chosen.
-- ready:...    zset chat -> tag * 2^20 + how many became ready before it, one for each rank and kind: of equal tags who came
--              first goes first, since by name the same chats would lose whenever the time turns; the other places of a chat are waiting (-> until when) and
--              leased (-> until when; it is the lane's head). A paused chat is in none of them but leased or waiting.
-- state        hash of what follows, and of counters
--   last       the greatest number given to a message, a fence, or an entry of dead and unknown
--   ready      how often a chat became ready, modulo 2^20
--   woken      when all were told of work, unless a worker has found nothing since
--   time:<r>   the virtual time of a rank, pass:<r> its pass, pass the pass of whoever went last
--   aliased    whether any lane has another name
--   mending    from when on anybody who claims is to rebuild what another program took the place of; uncounted whether counters are gone, too
-- aliases      hash lane -> lane: a chat that was called by its @username, or before it became a supergroup, and the lane of
--              the id it is known by. What joins a lane joins the latter (lane_now); in the former is only what is leased, and
--              what waits because of how its lease ended: it moves when its lane would be ready (lane_merge).
-- No key has a TTL: sets go with their last member, the state is the bot's and stays.

local LANE_EPOCH, RANK, FRONT, HELD = 1735689600000000, 2251799813685248, -9007199254740992, -7881299347898368
local RANKS = { [0] = 'v', 'h', 'n', 'l' }
local READY = {
  [0] = queue .. 'ready:v', queue .. 'ready:pv', queue .. 'ready:rv',
  queue .. 'ready:h', queue .. 'ready:ph', queue .. 'ready:rh',
  queue .. 'ready:n', queue .. 'ready:pn', queue .. 'ready:rn',
  queue .. 'ready:l', queue .. 'ready:pl', queue .. 'ready:rl',
}

-- What HMGET gave, as numbers, and counters that lanes_close adds.
local last, arrivals, times, counts = nil, nil, nil, {}
local last_before, arrivals_before, any_paused, woken, aliased
local ARRIVALS = 1048576

-- What lanes_close writes besides: fields of the state, each with its value.
local fields = {}

-- What lanes_flush is to do: tags and chats that join each set of ready, chats that leave leased.
local joining, released = {}, {}

-- A value of the state, 0 if there is none. One that another program wrote fails the step: mend.lua takes it out.
local function whole(value)
  local number = tonumber(value or 0)
  if not number or number % 1 ~= 0 or number >= 9007199254740992 or number <= -9007199254740992 then
    error('the state has a value of another program')
  end
  return number
end

-- Reads what the steps need of the state. Begins by deleting nothing, if the step must also work when memory is full: Redis
-- lets a script go on that has begun with a write that takes no memory.
local function lanes_open(must)
  if must then
    call('ZREM', PAUSED, '')
  end
  local state = call('HMGET', STATE, 'last', 'time:v', 'time:h', 'time:n', 'time:l', 'ready', 'woken', 'aliased')
  last, arrivals = whole(state[1]), whole(state[6])
  last_before, arrivals_before = last, arrivals
  times = { [0] = whole(state[2]), whole(state[3]), whole(state[4]), whole(state[5]) }
  woken, aliased = state[7], state[8]
  any_paused = call('EXISTS', PAUSED) == 1
end

-- The next number: greater than all before, and not before the clock.
local function lanes_tick(now)
  last = max(last + 1, now)
  return last
end

-- Writes down who joins ready and who leaves leased. Comes before anything that reads or removes these.
local function lanes_flush()
  for set, adds in pairs(joining) do
    call('ZADD', READY[set], unpack(adds))
    joining[set] = nil
  end
  if released[1] then
    call('ZREM', LEASED_SET, unpack(released))
    released = {}
  end
end

local function count(name, n)
  counts[name] = (counts[name] or 0) + n
end

-- Lets lanes_close write a field of the state, which is a whole number.
local function field(name, value)
  local n = #fields
  fields[n + 1], fields[n + 2] = name, string.format(WHOLE, value)
end

-- Writes what has changed of the state.
local function lanes_close()
  lanes_flush()
  if last ~= last_before then
    field('last', last)
  end
  if arrivals ~= arrivals_before then
    field('ready', arrivals)
  end
  for name, n in pairs(counts) do
    if n ~= 0 then
      call('HINCRBY', STATE, name, n)
    end
  end
  if fields[1] then
    call('HSET', STATE, unpack(fields))
  end
end

-- Tells the workers of all processes that there may be work, if one of them has found none since they were told last: so a busy
-- bot announces nothing. After a while they are told again, since news may be lost. A user who may not publish does without;
-- workers look by themselves, too.
local function lanes_announce()
  local AGAIN_AFTER = 5000000
  local ago = now - (tonumber(woken) or 0)
  if ago < 0 or ago > AGAIN_AFTER then
    woken = string.format(WHOLE, now)
    redis.pcall('PUBLISH', string.gsub(queue, '{.*', 'work'), string.match(queue, '{(.-)}'))
    call('HSET', STATE, 'woken', woken)
  end
end

local function place_of(number, rank, send)
  return rank * RANK + (number - LANE_EPOCH) * 4 + send
end

-- The place of a message that is leased, by a chat of <kind> (rank * 3 + send) that was chosen by <tag>.
local function place_in_front(kind, tag)
  return string.format(WHOLE, FRONT + tag * 16 + kind)
end

-- The tag by which the chat was chosen whose head has this place in front.
local function tag_of(place)
  return floor((place - FRONT) / 16)
end

-- Rank and kind of a lane's head.
local function kind_of(number, place)
  if place < HELD then
    local kind = (place - FRONT) % 16
    return floor(kind / 3), kind % 3
  end
  local send = place % 4
  return (place - send - (number - LANE_EPOCH) * 4) / RANK, send
end

-- The lane that a message for <lane> belongs to, by what is known of its chat now. Only names and groups get other ids, and none
-- of its own by any detour (identify.lua).
local lane_now, lane_merge
do
  local NAME, MINUS, MOVED = 126, 45, 200

  function lane_now(lane)
    local first = aliased and #lane > 1 and string.byte(lane)
    local known = (first == NAME or first == MINUS) and call('HGET', ALIASES, lane)
    while known do
      lane, known = known, call('HGET', ALIASES, known)
    end
    return lane
  end

  local function moved(lane, into, number, place, add)
    local m = message_find(number)
    if m and m.state == LEASED then
      return
    end
    call('ZREM', LANE .. lane, number)
    count('depth:' .. RANKS[m and m.rank or (kind_of(number, place))], -1)
    if not m then
      count('lost', 1) -- evicted, as claim.lua finds those that wait
      return
    end
    if m.state == RETRYING then
      count('retrying:' .. RANKS[m.rank], -1)
      m.state, m.ends = QUEUED, 0
    end
    m.lane = into
    message_write(number, m)
    add(into, number, m.rank, send_of(m.flags))
  end

  -- Lets what waits in a lane join that of its chat's id, at its place by acceptance: MOVED messages at once, since each record is
  -- written anew. Between two attempts it holds that lane no longer. <add> is lane_add. The lane is in no place but leased.
  -- Returns whether more are to be moved; the next sweep does so if nobody else does.
  function lane_merge(lane, into, add)
    lanes_flush()
    local waiting = call('ZRANGE', LANE .. lane, 0, MOVED, 'WITHSCORES')
    for i = 1, #waiting, 2 do
      moved(lane, into, waiting[i], tonumber(waiting[i + 1]), add)
    end
    local leased = call('ZSCORE', LEASED_SET, lane)
    local more = call('ZCARD', LANE .. lane) > (leased and 1 or 0)
    if more and not leased then
      call('ZADD', WAITING, 0, lane)
    end
    return more
  end
end

-- Lets a chat take part with <tag>.
local lane_add
local function lane_ready(lane, rank, send, tag)
  local known = lane_now(lane)
  if known ~= lane then
    lane_merge(lane, known, lane_add)
    return
  end
  if any_paused and call('ZSCORE', PAUSED, lane) then
    return
  end
  local set = rank * 3 + send
  local adds = joining[set]
  if not adds then
    adds = {}
    joining[set] = adds
  end
  local n = #adds
  adds[n + 1], adds[n + 2] = string.format(WHOLE, tag * ARRIVALS + arrivals), lane
  arrivals = (arrivals + 1) % ARRIVALS
end

-- Lets a chat take part as its head says, if there is one, as one that comes anew. It must be in no place.
local function lane_joins(lane)
  local head = call('ZRANGE', LANE .. lane, 0, 0, 'WITHSCORES')
  if head[1] then
    local rank, send = kind_of(head[1], tonumber(head[2]))
    lane_ready(lane, rank, send, times[rank] + 1)
  end
end

-- The same for one whose turn in <before>, a rank, has come to its end at <finish>: it goes on from there.
local function lane_goes_on(lane, before, finish)
  local CATCH_UP = 16 -- how far, in cost, it may be behind the virtual time then
  local head = call('ZRANGE', LANE .. lane, 0, 0, 'WITHSCORES')
  if head[1] then
    local rank, send = kind_of(head[1], tonumber(head[2]))
    lane_ready(lane, rank, send, rank == before and max(finish, times[rank] - CATCH_UP) or times[rank] + 1)
  end
end

-- The same for one that waited. It had its turn, or was denied it, at a tag that is not after the virtual time.
local function lane_waited(lane)
  local head = call('ZRANGE', LANE .. lane, 0, 0, 'WITHSCORES')
  if head[1] then
    local place = tonumber(head[2])
    local rank, send = kind_of(head[1], place)
    lane_ready(lane, rank, send, max(place < HELD and tag_of(place) + 1 or 0, times[rank]))
  end
end

-- Takes a message that is leased out of its lane. Returns its place.
local function lane_pop(lane, number)
  local head = call('ZPOPMIN', LANE .. lane)
  if head[1] == number then
    return tonumber(head[2])
  end
  -- The leased message was not at the head: its own place was evicted, or a part of the lane.
  if head[1] then
    call('ZADD', LANE .. lane, head[2], head[1])
    call('ZREM', LANE .. lane, number)
  end
  return FRONT
end

-- Takes the chat out of ready or waiting; false if it was in neither.
local function lane_unplace(lane, rank, send)
  lanes_flush()
  return call('ZREM', READY[rank * 3 + send], lane) == 1 or call('ZREM', WAITING, lane) == 1
end

-- Lets a chat take part in nothing.
local function lane_leaves(lane)
  for i = 0, 11 do
    call('ZREM', READY[i], lane)
  end
  call('ZREM', WAITING, lane)
  call('ZREM', LEASED_SET, lane)
end

-- Adds a message at its place.
function lane_add(lane, number, rank, send)
  local key, place = LANE .. lane, string.format(WHOLE, place_of(number, rank, send))
  local added = redis.pcall('ZADD', key, place, number)
  if type(added) == 'table' then
    if string.find(added.err, 'WRONGTYPE', 1, true) then
      -- Another program wrote there: the chat begins anew, and rebuild.lua finds what was there.
      call('DEL', key)
      lane_leaves(lane)
      field('mending', now)
    end
    call('ZADD', key, place, number)
  end
  if call('ZCARD', key) == 1 then
    lane_ready(lane, rank, send, times[rank] + 1)
  elseif call('ZRANK', key, number) == 0 then
    local before = call('ZRANGE', key, 1, 1, 'WITHSCORES')
    if lane_unplace(lane, kind_of(before[1], tonumber(before[2]))) then
      lane_ready(lane, rank, send, times[rank] + 1)
    end
  end
  count('depth:' .. RANKS[rank], 1)
end

-- Removes a message that is not leased; the chat then stands where its next one belongs.
local function lane_remove(lane, number, rank)
  local key = LANE .. lane
  local head = call('ZRANGE', key, 0, 0, 'WITHSCORES')
  call('ZREM', key, number)
  if head[1] == number and lane_unplace(lane, kind_of(number, tonumber(head[2]))) then
    lane_joins(lane)
  end
  count('depth:' .. RANKS[rank], -1)
end

-- Takes a message out of wherever it is; the chat goes on with its next one.
local function message_taken(number, m)
  local state = m.state
  if state == LEASED then
    released[#released + 1] = m.lane
    local place = lane_pop(m.lane, number)
    count('depth:' .. RANKS[m.rank], -1)
    lane_goes_on(m.lane, m.rank, tag_of(place) + m.cost)
  elseif state == DELAYED then
    call('ZREM', DELAYED_SET, number)
  elseif state == UNKNOWN then
    call('ZREM', UNKNOWN_SET, number)
  elseif state == DEAD then
    call('ZREM', DEAD_SET, number)
    count('failed:' .. m.failure, -1)
  else
    lane_remove(m.lane, number, m.rank)
    if state == RETRYING then
      count('retrying:' .. RANKS[m.rank], -1)
    end
  end
  if m.deadline > 0 and state ~= LEASED then
    call('ZREM', EXPIRING, number)
  end
end

-- Ends a message that was taken as failed.
local function message_failed(number, m, failure, keep, now)
  count('failed:' .. failure, 1)
  if (failure == REFUSED or failure == EXHAUSTED) and has(m.flags, EPHEMERAL) == 0 then
    m.state, m.failure, m.ends = DEAD, failure, lanes_tick(now)
    if m.replaces ~= '' then
      message_unlinked(number, { once = '', replaces = m.replaces }, 0)
    end
    message_write(number, m)
    call('ZADD', DEAD_SET, m.ends, number)
    if has(m.flags, CALLBACK) > 0 then
      callback_owe(number, m, nil, now)
    end
  else
    message_ended(number, m, FAILED, failure, '', keep, now)
  end
end

-- Ends a message that was taken as unknown.
local function message_unknown(number, m, now)
  m.state, m.ends = UNKNOWN, lanes_tick(now)
  if has(m.flags, EPHEMERAL) > 0 then
    call('SET', MESSAGE .. number, message_pack(m, ''))
  else
    message_write(number, m)
  end
  call('ZADD', UNKNOWN_SET, m.ends, number)
  if has(m.flags, CALLBACK) > 0 then
    callback_owe(number, m, nil, now)
  end
end

-- Ends a message that was taken and that nobody wants sent any more. If an attempt may have reached Telegram it is unknown, and
-- returns true; what it was given up for is kept for whoever knows better later. Else it has failed, and its key is free again, but for
-- one that a newer message has taken the place of.
local function message_given_up(number, m, failure, keep, now)
  if m.state == AGAIN or has(m.flags, DOUBT) > 0 then
    m.failure = failure
    message_unknown(number, m, now)
    return true
  end
  if m.once ~= '' and failure ~= SUPERSEDED then
    call('DEL', queue .. 'key:' .. m.once)
    m.once, m.tried = '', true
  end
  message_failed(number, m, failure, keep, now)
  return false
end

-- The lane that a message belongs to that is sent together with another (along.lua); nil for others.
local function lane_home(lane)
  return string.match(lane, '^#%d+ (.*)')
end

-- Puts a message that was taken back into its lane.
local function message_queued(number, m)
  m.state, m.ends, m.lane = QUEUED, 0, lane_now(m.lane)
  message_write(number, m)
  if m.deadline > 0 then
    call('ZADD', EXPIRING, m.deadline, number)
  end
  lane_add(m.lane, number, m.rank, send_of(m.flags))
end
