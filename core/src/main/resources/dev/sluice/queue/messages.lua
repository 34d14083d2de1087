-- Library: one message as Redis keeps it. MessageRecord.java writes and reads the same.
--
-- A message is one string, little-endian, under m:<number>:
--   B  state   Q queued, A queued again since its lease ran out, R between two attempts, D delayed, L leased,
--              U unknown, X dead letter, S sent, F failed
--   B  flags   1 paid, 2 its chat is a group, 4 its chat is not, 8 at least once, 16 somebody is to be told its end, 64 a reply,
--              32 an attempt before the last, or one that was not answered, may have reached Telegram, 128 its content is kept only
--              until it ends: it becomes no dead letter, and is not sent again once it is unknown
--   B  rank    0 VIP, 1 high, 2 normal, 3 low
--   B  attempts that count
--   B  failure 0 none, else its class, from 1; of an unknown one what it was given up for, if it was
--   H  cost
--   d  fence   of its last lease, 0 if there was none
--   d  until   R D L what it waits for; U X S F when it came to that, else 0
--   d  deadline, 0 if there is none
--   B  length and lane; B length and idempotency digest; B length and what it has to do with others: nothing;
--      digest of what it replaces, B the parts of that which it sets, from 1; or digest of what it may be joined with, H length of
--      its text, B 0
--   H  length and failed attempts, oldest first: d ended, B length and reason
--   the rest   the payload; of one that has ended S its result
-- What is pending, dead or unknown has no TTL: its set owns it. What has ended has one. Times are microseconds.
--
-- The payload is never copied in Lua while a message is pending: only the fixed part is rewritten, in place. What costs here
-- is each call, each string that is made, and each large number that Redis and Lua tell each other as text; so calls are
-- gathered where many messages are treated alike.

local HEAD, RECORD = '<BBBBBHddd', '<BBBBBHdddBc0Bc0Bc0Hc0'
local PAID, GROUP, USER, AT_LEAST_ONCE, CALLBACK, DOUBT, REPLY, EPHEMERAL = 1, 2, 4, 8, 16, 32, 64, 128
local QUEUED, AGAIN, RETRYING, DELAYED, LEASED, UNKNOWN, DEAD, SENT, FAILED = 81, 65, 82, 68, 76, 85, 88, 83, 70
local REFUSED, EXHAUSTED, EXPIRED, CANCELLED, SUPERSEDED, SUPPRESSED = 1, 2, 3, 4, 5, 6

-- Of a message that somebody is to be told the end of, callback:<number> says whom and of what. CallbackRecord.java reads it.
--   B  standing  W nothing to tell, O owed, T told, G given up
--   B  state, B class of failure, B attempts of the message when it came to what is to be told
--   H  tries
--   d  event     which of the message's ends it is, from 1
--   d  fence     of its last lease, 0 if there was none for this event
--   d  ended     when the message came to it
--   B  length and reason of the last try
--   the rest     the target
-- While the message is pending, dead or unknown it has no TTL, else it goes by itself when nobody is told any more.
local CALLBACK_HEAD, CALLBACK_BYTES, CALLBACK_LIFE = '<BBBBHddd', 30, 90000000
local TO_COME, OWED, TOLD, GIVEN_UP = 87, 79, 84, 71

local pack, read, sub, max, min, floor = struct.pack, struct.unpack, string.sub, math.max, math.min, math.floor
local call, has = redis.call, bit.band

-- How a whole number becomes text: %d takes less than half of what %.0f does, if Redis' long has 64 bits.
local WHOLE = string.format('%d', 4503599627370496) == '4503599627370496' and '%d' or '%.0f'

-- KEYS[1] is what all names of this queue start with, KEYS[2] the same of its limits. The other keys are made of them, in the
-- same slot: which chat is next is only known in here.
local queue, limits = KEYS[1], KEYS[2]
local STATE, DEAD_SET, UNKNOWN_SET, DELAYED_SET = queue .. 'state', queue .. 'dead', queue .. 'unknown', queue .. 'delayed'
local OWED_SET = queue .. 'callbacks'
local WAITING, LEASED_SET, PAUSED, EXPIRING = queue .. 'waiting', queue .. 'leased', queue .. 'paused', queue .. 'expiring'
local LANE, MESSAGE, CALLBACK_OF = queue .. 'lane:', queue .. 'm:', queue .. 'callback:'
local REPLACES, ALIASES = queue .. 'replaces:', queue .. 'aliases'

-- Which lane it is counted in over all chats: 0 the bot's, 1 the paid one, 2 that of replies, which may be as good as the bot's.
local function send_of(flags)
  return has(flags, PAID) + has(flags, REPLY) / 32
end

local function message_read(raw)
  local state, flags, rank, attempts, failure, cost, fence, ends, deadline, lane, once, replaces, log, at = read(RECORD, raw)
  return {
    state = state, flags = flags, rank = rank, attempts = attempts, failure = failure, cost = cost, fence = fence,
    ends = ends, deadline = deadline, lane = lane, was_in = lane, once = once, replaces = replaces, log = log, raw = raw, at = at,
  }
end

-- The message, or nil.
local function message_find(number)
  local raw = call('GET', MESSAGE .. number)
  return raw and message_read(raw)
end

-- Writes the fixed part in place.
local function message_touch(number, m)
  call('SETRANGE', MESSAGE .. number, 0,
    pack(HEAD, m.state, m.flags, m.rank, m.attempts, m.failure, m.cost, m.fence, m.ends, m.deadline))
end

-- Packs the whole, with other content. m.tried: more has changed than the fixed part and the lane.
local function message_pack(m, content)
  if not m.tried and m.lane == m.was_in then
    -- All but the fixed part is as it was read.
    return pack(HEAD, m.state, m.flags, m.rank, m.attempts, m.failure, m.cost, m.fence, m.ends, m.deadline)
      .. sub(m.raw, 32, m.at - 1) .. content
  end
  return pack(RECORD, m.state, m.flags, m.rank, m.attempts, m.failure, m.cost, m.fence, m.ends, m.deadline,
    #m.lane, m.lane, #m.once, m.once, #m.replaces, m.replaces, #m.log, m.log) .. content
end

-- Writes the whole, with its payload.
local function message_write(number, m)
  call('SET', MESSAGE .. number, message_pack(m, sub(m.raw, m.at)))
end

-- Remembers a failed attempt and counts it.
local function message_attempted(m, reason, now)
  local ATTEMPTS_KEPT = 10
  local log, entries, at = m.log .. pack('<dBc0', now, #reason, reason), 0, 1
  while at <= #log do
    entries, at = entries + 1, at + 9 + string.byte(log, at + 8)
  end
  if entries > ATTEMPTS_KEPT then
    log = sub(log, 10 + string.byte(log, 9))
  end
  m.log, m.attempts, m.tried = log, min(255, m.attempts + 1), true
end

-- What REPLACES keeps: of each that may be replaced B parts and d number; nothing if another program wrote there.
local function replaceable(key)
  local known = redis.pcall('GET', key)
  return type(known) == 'string' and #known % 9 == 0 and known or ''
end

-- Forgets what others find it by, after <keep> microseconds.
local function message_unlinked(number, m, keep)
  if m.once ~= '' then
    if keep > 0 then
      call('PEXPIRE', queue .. 'key:' .. m.once, string.format('%.0f', math.ceil(keep / 1000)))
    else
      call('DEL', queue .. 'key:' .. m.once)
    end
  end
  if m.replaces ~= '' and string.byte(m.replaces, -1) > 0 then
    local key, stamp, left = REPLACES .. sub(m.replaces, 1, -2), tonumber(number), ''
    local known = replaceable(key)
    for at = 1, #known, 9 do
      if read('<d', known, at + 1) ~= stamp then
        left = left .. sub(known, at, at + 8)
      end
    end
    if left == '' then
      call('DEL', key)
    elseif #left < #known then
      call('SET', key, left)
    end
  end
end

-- Writes down that somebody is to be told what became of it: of several ends that were not told yet, the last.
local function callback_owe(number, m, keep, now)
  local key = CALLBACK_OF .. number
  local head = redis.pcall('GETRANGE', key, 0, CALLBACK_BYTES - 1)
  if type(head) == 'table' or #head < CALLBACK_BYTES then
    return -- evicted, whatever was said about that, or another program wrote there
  end
  local event = select(6, read(CALLBACK_HEAD, head))
  call('SETRANGE', key, 0, pack(CALLBACK_HEAD, OWED, m.state, m.failure, m.attempts, 0, event + 1, 0, now))
  if keep then
    call('PEXPIRE', key, string.format('%.0f', max(CALLBACK_LIFE, keep / 1000)))
  end
  call('ZADD', OWED_SET, now, number)
  call('PEXPIRE', OWED_SET, CALLBACK_LIFE)
end

-- Writes how it ended: a record that goes by itself. It must be in no lane and no set any more.
local message_ended
do
  local keep_last, keep_millis

  function message_ended(number, m, state, failure, content, keep, now)
    m.state, m.failure, m.ends = state, failure, now
    if m.once ~= '' or m.replaces ~= '' then
      message_unlinked(number, m, keep)
    end
    if keep > 0 then
      if keep ~= keep_last then
        keep_last, keep_millis = keep, string.format(WHOLE, math.ceil(keep / 1000))
      end
      call('PSETEX', MESSAGE .. number, keep_millis, message_pack(m, content))
    else
      call('DEL', MESSAGE .. number)
    end
    if has(m.flags, CALLBACK) > 0 then
      callback_owe(number, m, keep, now)
    end
  end
end
