-- Ends leases, each for itself.
-- KEYS  what the queue's names start with; what its limits' start with; the bot's bucket; the paid lane's
-- ARGV  d how long results are kept, I4 retries, d base and d max of the delays between them, d how long a flood counts, I4 how
--       many park the bot, B 1 if replies have a limit of their own, and the bot's limits, or nothing to learn nothing from a 429; then
--       per settlement one argument: B length and number, d fence, B ending (S sent, F refused, N suppressed,
--       R retry, W flooded, B not sent, U unanswered), d delay or 0, d jitter, B length and reason; the rest is the result
-- Returns per settlement the message's state after it, or 0 if its fence is no longer the holder's; then how many times the pace was lowered
-- of the bot or its paid lane, of a chat, of a group
-- Atomic because the chat's next message may be leased only when this one is settled, and because who was told 429 must find
-- its chat parked. Everything that is added comes after something that is removed, so that it works when memory is full.
local BOT_BUCKET, PAID_BUCKET = KEYS[3], KEYS[4]
local keep, retries, base, longest, counts_for, many, replies_apart, limits_at = read('<dI4dddI4B', ARGV[1])
lanes_open(true)

-- Back to its place in the lane. Whatever had counted its attempt is undone.
local function put_back(number, m)
  if m.state == LEASED then
    m.state, m.ends = QUEUED, 0
    call('ZREM', LEASED_SET, m.lane)
    call('ZADD', LANE .. m.lane, place_of(number, m.rank, send_of(m.flags)), number)
    message_touch(number, m)
    if m.deadline > 0 then
      call('ZADD', EXPIRING, m.deadline, number)
    end
    return true
  end
  m.attempts = max(0, m.attempts - 1)
  message_taken(number, m)
  message_queued(number, m)
  return false
end

-- What bucket_told may learn from a message: when it was claimed its fence says, or a little later.
local function lesson_of(m)
  local packed = sub(ARGV[1], limits_at)
  if packed == '' then
    return ''
  end
  local all = has(m.flags, PAID) > 0 and 1 or replies_apart == 1 and has(m.flags, REPLY) > 0 and 5 or 0 -- where its lane's is
  return pack('<d', min(m.fence, now)) .. sub(packed, all * 13 + 1, all * 13 + 13) .. sub(packed, 27, 52)
end

local lowered = { 0, 0, 0 }
local function told(keys, name, park, lesson)
  local _, which = bucket_told(keys, name, park, counts_for, many, lesson, now)
  if which > 0 then
    lowered[which] = lowered[which] + 1
  end
end

local function flooded(number, m, park)
  local lesson, leased = lesson_of(m), put_back(number, m)
  local floods, of_all, all = limits .. 'floods', BOT_BUCKET, BOT_BUCKET
  if has(m.flags, PAID) > 0 then
    all = PAID_BUCKET
  elseif replies_apart == 1 and has(m.flags, REPLY) > 0 then
    floods, of_all = floods .. ':replies', limits .. 'replies:' .. sub(PAID_BUCKET, #limits + 6) -- after 'paid:'
    all = of_all
  end
  if m.lane == '-' or sub(m.lane, 1, 1) == '+' then
    told({ of_all, of_all, floods, all }, '-', park, lesson)
    if leased then
      lane_joins(m.lane)
    end
  else
    local lane = lane_now(m.lane)
    local group = has(m.flags, GROUP) > 0 and limits .. 'group:' .. lane or nil
    told({ limits .. 'chat:' .. lane, of_all, floods, all, group }, lane, park, lesson)
    if leased and lane == m.lane then
      call('ZADD', WAITING, now + park, lane)
    elseif leased then
      lane_joins(m.lane)
    end
  end
end

-- A failed attempt that may be followed by another; after the last the message ends by <exhausted>.
local function failed_attempt(number, m, reason, delay, jitter, exhausted)
  if m.state == LEASED then
    message_attempted(m, reason, now)
  end
  if m.attempts > retries then
    message_taken(number, m)
    exhausted(number, m)
  elseif m.state == LEASED then
    delay = delay > 0 and delay or floor(min(longest, base * 2 ^ (m.attempts - 1)) * jitter)
    m.state, m.ends = RETRYING, now + delay
    call('ZREM', LEASED_SET, m.lane)
    message_write(number, m)
    call('ZADD', WAITING, m.ends, m.lane)
    if m.deadline > 0 then
      call('ZADD', EXPIRING, m.deadline, number)
    end
    count('retrying:' .. RANKS[m.rank], 1)
  else
    -- Late: its lane has gone on meanwhile, so it holds nobody.
    message_taken(number, m)
    message_queued(number, m)
  end
end

local function dead(number, m)
  message_failed(number, m, EXHAUSTED, keep, now)
end

local function unknown(number, m)
  message_unknown(number, m, now)
end

-- The same for one that was sent together with another: it holds nobody, and its chat is parked by that one.
local function settle_along(number, m, ending, reason, result)
  if ending ~= 83 and ending ~= 87 and ending ~= 66 then -- S W B
    message_attempted(m, reason, now)
  end
  message_taken(number, m)
  m.lane = lane_home(m.lane)
  if ending == 83 then -- S
    message_ended(number, m, SENT, 0, result, keep, now)
    count('sent', 1)
  elseif ending == 70 or ending == 78 then -- F N
    message_failed(number, m, ending == 70 and REFUSED or SUPPRESSED, keep, now)
  elseif ending == 85 then -- U
    message_unknown(number, m, now)
  elseif ending == 82 and m.attempts > retries then -- R
    dead(number, m)
  else
    message_queued(number, m)
  end
end

-- The same for one that was given up meanwhile as unknown, when its worker says late that it did not send it: it goes nowhere again, and
-- is failed if no other attempt is in doubt.
local function settle_given_up(number, m, ending)
  if has(m.flags, DOUBT) == 0 then
    m.attempts = ending == 82 and m.attempts or max(0, m.attempts - 1) -- R
    message_taken(number, m)
    message_given_up(number, m, m.failure, keep, now)
  end
end

-- The same for one that is unknown and of which the content is gone, when its worker says late that it did not send it: it has failed, if no
-- other attempt is in doubt.
local function settle_textless(number, m)
  if has(m.flags, DOUBT) == 0 then
    message_taken(number, m)
    m.lane = lane_home(m.lane) or m.lane
    message_failed(number, m, m.failure > 0 and m.failure or EXHAUSTED, keep, now)
  end
end

local function settle(number, m, ending, delay, jitter, reason, result)
  if m.state == UNKNOWN and has(m.flags, EPHEMERAL) > 0 and (ending == 82 or ending == 87 or ending == 66) then -- R W B
    settle_textless(number, m)
  elseif lane_home(m.lane) then
    settle_along(number, m, ending, reason, result)
  elseif m.state == UNKNOWN and m.failure > 0 and (ending == 82 or ending == 87 or ending == 66) then -- R W B
    settle_given_up(number, m, ending)
  elseif ending == 83 then -- S
    message_taken(number, m)
    message_ended(number, m, SENT, 0, result, keep, now)
    count('sent', 1)
  elseif ending == 70 or ending == 78 then -- F N
    if m.state == LEASED then
      message_attempted(m, reason, now)
    end
    message_taken(number, m)
    message_failed(number, m, ending == 70 and REFUSED or SUPPRESSED, keep, now)
  elseif ending == 82 and has(m.flags, DOUBT) > 0 then -- R
    if m.state ~= UNKNOWN or m.attempts <= retries then -- else that is what it is already
      failed_attempt(number, m, reason, delay, jitter, unknown)
    end
  elseif ending == 82 then -- R
    failed_attempt(number, m, reason, delay, jitter, dead)
  elseif ending == 87 then -- W
    flooded(number, m, delay)
  elseif ending == 66 then -- B
    if put_back(number, m) then
      lane_joins(m.lane)
    end
  elseif m.state == UNKNOWN then -- U, which it is already
  elseif has(m.flags, AT_LEAST_ONCE) > 0 then
    m.flags = bit.bor(m.flags, DOUBT)
    failed_attempt(number, m, reason, 0, jitter, unknown)
  else
    message_attempted(m, reason, now)
    message_taken(number, m)
    message_unknown(number, m, now)
  end
end

-- All are read at once; what this step has touched already is read anew.
local names, touched, reply = {}, {}, {}
for i = 2, #ARGV do
  names[i - 1] = MESSAGE .. read('<Bc0', ARGV[i])
end
local raws = call('MGET', unpack(names))
for i = 2, #ARGV do
  local number, fence, ending, delay, jitter, reason, at = read('<Bc0dBddBc0', ARGV[i])
  local raw = raws[i - 1]
  if touched[number] then
    raw = call('GET', MESSAGE .. number)
  end
  local readable, m = raw, nil
  if raw then
    readable, m = pcall(message_read, raw)
  end
  -- What another program wrote, or cut, must not keep the others from being settled.
  if not readable or m.fence ~= fence or not RANKS[m.rank] then
    reply[i - 1] = 0
  else
    if m.state == LEASED or m.state == AGAIN or m.state == UNKNOWN then
      settle(number, m, ending, delay, jitter, reason, sub(ARGV[i], at))
      touched[number] = true
    elseif ending == 83 and m.state == FAILED and m.failure >= EXPIRED and m.failure <= SUPERSEDED and fence > 0 then -- S
      -- It was given up although its last lease said that it was not sent; whoever says that it was knows better.
      count('failed:' .. m.failure, -1)
      message_ended(number, m, SENT, 0, sub(ARGV[i], at), keep, now)
      count('sent', 1)
      touched[number] = true
    end
    -- Else it was settled before: this is a repetition.
    reply[i - 1] = m.state
  end
end
lanes_close()
for i = 1, 3 do
  reply[#ARGV - 1 + i] = lowered[i]
end
return reply
