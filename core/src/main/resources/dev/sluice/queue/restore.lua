-- Puts messages back under their own numbers, each for itself.
-- KEYS  what the queue's names start with; what its limits' start with; the bot's bucket; the paid lane's; what the names of the
--       records start with that calls under a key leave
-- ARGV  d bound, d how long results are kept; then per message B length and number, c32 fingerprint (zeros if it has no digest),
--       d event, B whether it is owed, H length and target of its callback (0 if it has none); the rest is the record, as
--       messages.lua keeps it
-- Returns per message: added, known, key-taken, forgotten, full or ahead
-- Atomic because a message or a call may be accepted under the same key, or the message restored by somebody else, at the same moment.
local DAY = 86400000000
local bound, keep = read('<dd', ARGV[1])
lanes_open(false)
local depth = call('HMGET', STATE, 'depth:v', 'depth:h', 'depth:n', 'depth:l')
local room = bound - call('ZCARD', DELAYED_SET) - call('ZCARD', DEAD_SET) - call('ZCARD', UNKNOWN_SET)
for i = 1, 4 do
  room = room - whole(depth[i])
end

local function key_written(number, m, fingerprint)
  if m.once ~= '' then
    call('SET', queue .. 'key:' .. m.once, pack('<d', tonumber(number)) .. fingerprint)
  end
end

local function callback_written(number, m, event, owed, target)
  if target == '' then
    return
  end
  local at = owed and m.ends or 0
  call('SET', CALLBACK_OF .. number,
    pack(CALLBACK_HEAD .. 'B', owed and OWED or TO_COME, m.state, m.failure, m.attempts, 0, event, 0, at, 0) .. target)
  if owed then
    call('ZADD', OWED_SET, now, number)
    call('PEXPIRE', OWED_SET, CALLBACK_LIFE)
  end
end

-- One that has ended, which goes by itself. Returns whether it is still to be remembered.
local function ended_restored(number, m, record, fingerprint, event, owed, target)
  local left = math.ceil((m.ends + keep - now) / 1000)
  if left <= 0 then
    return false
  end
  local ttl = string.format('%.0f', left)
  call('PSETEX', MESSAGE .. number, ttl, record)
  key_written(number, m, fingerprint)
  if m.once ~= '' then
    call('PEXPIRE', queue .. 'key:' .. m.once, ttl)
  end
  callback_written(number, m, event, owed, target)
  if target ~= '' then
    call('PEXPIRE', CALLBACK_OF .. number, string.format('%.0f', max(CALLBACK_LIFE, left)))
  end
  count(m.state == SENT and 'sent' or 'failed:' .. m.failure, 1)
  return true
end

local function pending_restored(number, m, fingerprint, event, owed, target)
  if m.state == DEAD or m.state == UNKNOWN then
    local since = m.ends
    m.ends = lanes_tick(since) -- no two entries of a list are equal
    call('ZADD', m.state == DEAD and DEAD_SET or UNKNOWN_SET, m.ends, number)
    if m.state == DEAD then
      count('failed:' .. m.failure, 1)
    end
  elseif m.deadline > 0 then
    call('ZADD', EXPIRING, m.deadline, number)
  end
  m.lane = lane_now(m.lane)
  message_write(number, m)
  key_written(number, m, fingerprint)
  local sets = m.replaces ~= '' and string.byte(m.replaces, -1) or 0
  if sets > 0 and (m.state == QUEUED or m.state == DELAYED) then
    local key = REPLACES .. sub(m.replaces, 1, -2)
    call('SET', key, pack('<Bd', sets, tonumber(number)) .. (call('GET', key) or ''))
  end
  callback_written(number, m, event, owed, target)
  if m.state == DELAYED then
    call('ZADD', DELAYED_SET, m.ends, number)
  elseif m.state == QUEUED then
    lane_add(m.lane, number, m.rank, send_of(m.flags))
  end
end

local function key_taken(once)
  return call('EXISTS', queue .. 'key:' .. once) == 1 or claim_read(call('GET', KEYS[5] .. once), now) ~= nil
end

local function restore(argument)
  local number, fingerprint, event, owed, target, at = read('<Bc0c32dBHc0', argument)
  local record = sub(argument, at)
  local m = message_read(record)
  if call('EXISTS', MESSAGE .. number) == 1 then
    return 'known'
  elseif m.once ~= '' and key_taken(m.once) then
    return 'key-taken'
  elseif tonumber(number) > now + DAY then
    return 'ahead'
  elseif m.state == SENT or m.state == FAILED then
    if not ended_restored(number, m, record, fingerprint, event, owed == 1, target) then
      return 'forgotten'
    end
  elseif room < 1 then
    return 'full'
  else
    room = room - 1
    pending_restored(number, m, fingerprint, event, owed == 1, target)
  end
  last = max(last, tonumber(number))
  count('accepted', 1)
  return 'added'
end

local reply = {}
for i = 2, #ARGV do
  reply[i - 1] = restore(ARGV[i])
end
lanes_announce()
lanes_close()
return reply
