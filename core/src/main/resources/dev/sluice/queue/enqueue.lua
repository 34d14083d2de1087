-- Accepts messages, each for itself.
-- KEYS  what the queue's names start with; what its limits' start with; the bot's bucket; the paid lane's; what the names of the
--       records start with that calls under a key leave
-- ARGV  d bound, d how long results are kept (microseconds), then of each message c32 the
--       fingerprint if it has a digest, H length and target if it has a callback; then the messages as messages.lua keeps
--       them, but with durations in place of until (D: the delay) and deadline
-- Returns per message a word and a number: added, known, mismatch with the message's; full with the bound; claimed- and how a call
-- stands that has its key, with 0; fewer if a step failed behind the first message, on what another program wrote: then nothing is known of
-- the others, and those before must not be asked again
-- Atomic because of two messages with one digest, or a message and a call, only one may be sent, because a bound holds for all processes, and because
-- whoever replaces another must find it where it is. The first write is one that full memory refuses.
local MOST_OWED, CALLS = 100000, KEYS[5]
local reply, bound, at = {}, (read('<d', ARGV[1])), 17 -- where what belongs to single messages begins
lanes_open(false)
local depth = call('HMGET', STATE, 'depth:v', 'depth:h', 'depth:n', 'depth:l')
local room = bound - call('ZCARD', DELAYED_SET) - call('ZCARD', DEAD_SET) - call('ZCARD', UNKNOWN_SET)
for i = 1, 4 do
  room = room - whole(depth[i])
end

-- Messages that are still to be written.
local writes = {}
local function flush()
  if writes[1] then
    call('MSET', unpack(writes))
    writes = {}
  end
end

-- Ends what a new message replaces: what waits in the same lane and sets nothing but what the new one sets. The key holds B parts
-- and d number of each that may be replaced, oldest first; what does not wait for its attempt in this lane any more is dropped.
local function supersede(replaces, lane, stamp)
  flush()
  local key, parts, left = REPLACES .. sub(replaces, 1, -2), string.byte(replaces, -1), ''
  local known = replaceable(key)
  for at = 1, #known, 9 do
    local sets, number = read('<Bd', known, at)
    number = string.format('%.0f', number)
    local readable, m = pcall(message_find, number)
    m = readable and m
    local home = m and lane_now(m.lane)
    local waits = m and (m.state == QUEUED or m.state == AGAIN or m.state == RETRYING or m.state == DELAYED)
    if m and home == lane and waits and has(sets, parts) == sets then
      message_taken(number, m)
      local stays = message_given_up(number, m, SUPERSEDED, (read('<d', ARGV[1], 9)), now)
      room = room + (stays and 0 or 1)
    elseif m and home == lane and (waits or m.state == LEASED) then
      left = left .. sub(known, at, at + 8)
    end
  end
  call('SET', key, left .. pack('<Bd', parts, stamp))
end

-- What a key was used for: the message's number and fingerprint; nothing if it was not, or another program wrote there.
local KEY_BYTES = 40
local function used(once)
  local known = redis.pcall('GET', queue .. 'key:' .. once)
  return type(known) == 'string' and #known == KEY_BYTES and known
end

-- How a call stands that has the key. One that cannot be read may have been made. One that was abandoned is left to the next call: what is
-- written here must be refused when memory is full.
local function call_stands(once, content)
  local raw = redis.pcall('GET', CALLS .. once)
  local readable, record = pcall(claim_read, type(raw) ~= 'table' and raw, now)
  if type(raw) == 'table' or not readable then
    return 'unknown'
  end
  return claim_evaluate(record, content, now)
end

-- The message that is being accepted, and where it begins among what is to be written.
local current, before = 2, 0
local function accept_all()
  for i = 2, #ARGV do
    local record = ARGV[i]
    current, before = i, #writes
    local state, flags, rank, attempts, failure, cost, fence, delay, lifetime, lane, once, replaces = read(RECORD, record)
    local word, number, content = 'added', nil, nil
    if once ~= '' then
      content, at = sub(ARGV[1], at, at + 31), at + 32
      local known = used(once)
      if known then
        word, number = sub(known, 9) == content and 'known' or 'mismatch', string.format('%.0f', (read('<d', known)))
      else
        local standing = call_stands(once, content)
        if standing ~= 'new' then
          word, number = 'claimed-' .. standing, 0
        end
      end
    end
    local target = nil
    if has(flags, CALLBACK) > 0 then
      target = read('<Hc0', ARGV[1], at)
      at = at + 2 + #target
      if word == 'added' and call('ZCARD', OWED_SET) >= MOST_OWED then
        word, number = 'full', tostring(MOST_OWED)
      end
    end
    if word == 'added' and room < 1 then
      word, number = 'full', string.format('%.0f', bound)
    elseif word == 'added' then
      local stamp = lanes_tick(now)
      number, room = string.format(WHOLE, stamp), room - 1
      local home = lane_now(lane)
      if home ~= lane then
        local m = message_read(record)
        m.lane, lane = home, home
        record = message_pack(m, sub(record, m.at))
      end
      if delay > 0 or lifetime > 0 then
        local deadline = lifetime > 0 and now + lifetime or 0
        record = pack(HEAD, state, flags, rank, attempts, failure, cost, fence, delay > 0 and now + delay or 0, deadline)
          .. sub(record, 32)
        if deadline > 0 then
          call('ZADD', EXPIRING, deadline, number)
        end
      end
      local n = #writes
      writes[n + 1], writes[n + 2] = MESSAGE .. number, record
      if target then
        writes[n + 3], writes[n + 4] = CALLBACK_OF .. number,
          pack(CALLBACK_HEAD .. 'B', TO_COME, 0, 0, 0, 0, 0, 0, 0, 0) .. target
      end
      if replaces ~= '' and string.byte(replaces, -1) > 0 then
        supersede(replaces, lane, stamp)
      end
      if delay > 0 then
        call('ZADD', DELAYED_SET, now + delay, number)
      else
        lane_add(lane, number, rank, send_of(flags))
      end
      -- Behind all that may fail: a key says that there is a message.
      if once ~= '' then
        call('SET', queue .. 'key:' .. once, pack('<d', stamp) .. content)
      end
      count('accepted', 1)
      lanes_announce()
    end
    local n = #reply
    reply[n + 1], reply[n + 2] = word, number
  end
end

local accepted, failure = pcall(accept_all)
if not accepted then
  if current == 2 then
    error(failure, 0)
  end
  -- Those before are accepted, and must be whole; of this one nothing is kept.
  for n = #writes, before + 1, -1 do
    writes[n] = nil
  end
end
flush()
lanes_close()
return reply
