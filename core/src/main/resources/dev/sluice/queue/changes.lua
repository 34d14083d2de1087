-- Library, after lanes.lua: what people do to single messages. Each returns 1 done, 2 in flight, 3 not possible, 4 absent,
-- 5 done, and it is unknown now.

local changes = {}

local function change_pending(m)
  return m.state == QUEUED or m.state == AGAIN or m.state == RETRYING or m.state == DELAYED
end

function changes.cancel(number, m, keep)
  if m.state == LEASED then
    return 2
  elseif not change_pending(m) then
    return 3
  end
  message_taken(number, m)
  return message_given_up(number, m, CANCELLED, keep, now) and 5 or 1
end

-- All attempts are before it again, whatever became of the earlier ones, and its lifetime, which is over or was not meant for this, holds no more.
local function change_back(number, m)
  message_taken(number, m)
  m.attempts, m.failure, m.fence, m.deadline = 0, 0, 0, 0
  m.flags = m.flags - has(m.flags, DOUBT)
  message_queued(number, m)
end

function changes.requeue(number, m)
  if m.state ~= DEAD then
    return 3
  end
  change_back(number, m)
  return 1
end

function changes.purge(number, m)
  if m.state ~= DEAD then
    return 3
  end
  call('ZREM', DEAD_SET, number)
  call('DEL', MESSAGE .. number)
  message_unlinked(number, m, 0)
  if has(m.flags, CALLBACK) > 0 then
    call('PEXPIRE', CALLBACK_OF .. number, CALLBACK_LIFE)
  end
  return 1
end

function changes.resend(number, m)
  if m.state ~= UNKNOWN or has(m.flags, EPHEMERAL) > 0 then
    return 3
  end
  change_back(number, m)
  return 1
end

function changes.sent(number, m, keep)
  if m.state ~= UNKNOWN then
    return 3
  end
  message_taken(number, m)
  message_ended(number, m, SENT, 0, '', keep, now)
  count('sent', 1)
  return 1
end

function changes.failed(number, m, keep)
  if m.state ~= UNKNOWN then
    return 3
  end
  message_taken(number, m)
  count('failed:' .. REFUSED, 1)
  message_ended(number, m, FAILED, REFUSED, '', keep, now)
  return 1
end
