-- Enqueues the messages of recipients that wait.
-- KEYS  the queue's and the limits' names; what the names of broadcasts start with
-- ARGV  the broadcast's number; the queue's bound; then per recipient, ascending and of one chunk: I4 its number, and its message as
--       messages.lua keeps it, or nothing if none can be made
-- Returns how many were queued; how many came to an outcome at once; 1 if the queue is full
-- Atomic because a recipient that waits is fed once, by whoever comes first, and its mark must not be without its message. The
-- first write is one that full memory refuses.
local number, bound = ARGV[1], tonumber(ARGV[2])
local broadcast, results, window = broadcast_key(number, 'state'), broadcast_key(number, 'results'), broadcast_key(number, 'window')
local status, most, everybody = unpack(call('HMGET', broadcast, 'status', 'window', 'everybody'))
if status ~= STATUS_RUNNING then
  return { 0, 0, 0 }
end
lanes_open(false)
local depth = call('HMGET', STATE, 'depth:v', 'depth:h', 'depth:n', 'depth:l')
local room = bound - call('ZCARD', DELAYED_SET) - call('ZCARD', DEAD_SET) - call('ZCARD', UNKNOWN_SET)
for i = 1, 4 do
  room = room - (tonumber(depth[i]) or 0)
end
local places = tonumber(most) - call('ZCARD', window)

local first, last_one = read('<I4', ARGV[3]), read('<I4', ARGV[#ARGV])
local marks = {}
for mark in string.gmatch(call('GETRANGE', results, first, last_one), '.') do
  marks[#marks + 1] = mark
end
local writes, members, adds, passed, refused, full = {}, {}, {}, 0, 0, 0
for i = 3, #ARGV do
  local recipient, at = read('<I4', ARGV[i])
  local mark = recipient - first + 1
  if marks[mark] == WAITS then
    local record = sub(ARGV[i], at)
    if record == '' then
      marks[mark], refused = 'R', refused + 1
    else
      local _, flags, rank, _, _, _, _, _, _, lane = read(RECORD, record)
      if everybody == '0' and call('EXISTS', SUPPRESSED_CHAT .. lane_now(lane)) == 1 then
        marks[mark], passed = 'K', passed + 1
      elseif room < 1 or places < 1 then
        full = room < 1 and 1 or 0
        break
      else
        local message = string.format('%.0f', lanes_tick(now))
        local n = #writes
        writes[n + 1], writes[n + 2] = MESSAGE .. message, record
        members[n + 1], members[n + 2] = recipient, message
        adds[#adds + 1] = { lane, message, rank, send_of(flags) }
        marks[mark], room, places = QUEUED_MARK, room - 1, places - 1
      end
    end
  end
end
local queued = #adds
if queued + passed + refused > 0 then
  call('SETRANGE', results, first, table.concat(marks))
end
if queued > 0 then
  call('MSET', unpack(writes))
  for _, add in ipairs(adds) do
    lane_add(unpack(add))
  end
  call('ZADD', window, unpack(members))
  count('accepted', queued)
  call('HINCRBY', broadcast, 'waiting', -queued)
  lanes_announce()
end
if passed > 0 then
  call('HINCRBY', broadcast, 'n:K', passed)
  call('HINCRBY', broadcast, 'waiting', -passed)
end
if refused > 0 then
  call('HINCRBY', broadcast, 'n:R', refused)
  call('HINCRBY', broadcast, 'waiting', -refused)
end
lanes_close()
return { queued, passed + refused, full }
