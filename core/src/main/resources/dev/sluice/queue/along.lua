-- Leases what may be sent together with a message that is leased: those right behind it that are of its kind.
-- KEYS  what the queue's names start with; what its limits' start with
-- ARGV  d number and d fence of the one that is leased, d lease (microseconds), I4 how many must wait behind it at least, I4 how long
--       all may be together, with one character between two, I4 how many at most
-- Returns the first one's fence (the others' follow by one), the time; then per message its number and its record as it was before
-- Atomic because none of them may be cancelled, expire or be overtaken once it is known what is sent. The lane is held by its head,
-- so nobody else claims them. Each gets a lease and, for as long, a lane of its own, '#<number> <lane>': a worker that dies, or
-- settles only some of them, leaves the others to the end of their leases like any message.
local stamp, fence, lease, behind, length, most = read('<dddI4I4I4', ARGV[1])
lanes_open(true)
local m = message_find(string.format('%.0f', stamp))
local reply, used = { 0, string.format('%.0f', now) }, 0

-- What it has in common with others, and how long it is; nothing if it is sent for itself.
local function joint(message)
  if string.byte(message.replaces, -1) == 0 then
    return sub(message.replaces, 1, -4), (read('<H', message.replaces, #message.replaces - 2))
  end
end

local function goes_along(other)
  local kind, more = joint(other)
  if other.state ~= QUEUED or kind ~= joint(m) or other.rank ~= m.rank or other.flags ~= m.flags
    or other.deadline > 0 and other.deadline <= now then
    return false
  end
  used = used + 1 + more
  return used <= length
end

if m and m.state == LEASED and m.fence == fence and joint(m) and has(m.flags, AT_LEAST_ONCE) == 0
  and call('ZCARD', LANE .. m.lane) > behind then
  used = select(2, joint(m))
  for _, number in ipairs(call('ZRANGE', LANE .. m.lane, 1, most)) do
    local other = message_find(number)
    if not other or not goes_along(other) then
      break
    end
    local mine = lanes_tick(now)
    if #reply == 2 then
      reply[1] = string.format('%.0f', mine)
    end
    call('ZREM', LANE .. m.lane, number)
    if other.deadline > 0 then
      call('ZREM', EXPIRING, number)
    end
    other.state, other.fence, other.ends, other.lane = LEASED, mine, now + lease, '#' .. number .. ' ' .. m.lane
    message_write(number, other)
    call('ZADD', LANE .. other.lane, place_in_front(other.rank * 3 + send_of(other.flags), 0), number)
    call('ZADD', LEASED_SET, other.ends, other.lane)
    local n = #reply
    reply[n + 1], reply[n + 2] = number, other.raw
  end
end
lanes_close()
return reply
