-- Leases callbacks that are due, and gives up those that nobody could be told for too long.
-- KEYS  what the queue's names start with; what its limits' start with
-- ARGV  I4 how many at most, d for how long they are leased, d how long after its end a message's end is told
-- Returns microseconds until the next is due, -1 if there is none; how many are owed; how many were
-- given up; then per callback the message's number and its record
-- Atomic because one worker at a time is to tell, and because an end may be overtaken by another at the same moment.
local most, lease, life = read('<I4dd', ARGV[1])
lanes_open(true)
local reply = { -1, 0, 0 }
for _, number in ipairs(call('ZRANGEBYSCORE', OWED_SET, '-inf', now, 'LIMIT', 0, most)) do
  local raw, standing, state, failure, attempts, tries, event, _, ended = nil, nil, nil, nil, nil, nil, nil, nil, nil
  if is_number(number) then
    raw, standing, state, failure, attempts, tries, event, _, ended = callback_readable(number)
  end
  if standing ~= OWED then -- another program may have written there
    call('ZREM', OWED_SET, number)
  elseif ended + life <= now then
    call('ZREM', OWED_SET, number)
    call('SETRANGE', CALLBACK_OF .. number, 0, string.char(GIVEN_UP))
    reply[3] = reply[3] + 1
  else
    local head = pack(CALLBACK_HEAD, OWED, state, failure, attempts, min(65535, tries + 1), event, lanes_tick(now), ended)
    call('SETRANGE', CALLBACK_OF .. number, 0, head)
    call('ZADD', OWED_SET, now + lease, number)
    reply[#reply + 1] = number
    reply[#reply + 1] = head .. sub(raw, CALLBACK_BYTES + 1)
  end
end
local due = call('ZRANGE', OWED_SET, 0, 0, 'WITHSCORES')[2]
reply[1] = due and string.format('%.0f', max(0, math.ceil(due - now))) or -1
reply[2] = call('ZCARD', OWED_SET)
lanes_close()
return reply
