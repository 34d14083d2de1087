-- Lets leases end later (or sooner).
-- KEYS  what the queue's names start with; what its limits' start with
-- ARGV  d lease in microseconds from now; then per lease d number, d fence
-- Returns per lease 1, or 0 if the fence is no longer the holder's
-- Atomic because a holder that lost its lease must not take it back from its successor.
local reply, ends, at = {}, now + read('<d', ARGV[1]), 9
call('ZREM', PAUSED, '') -- so that it works when memory is full
while at < #ARGV[1] do
  local stamp, fence
  stamp, fence, at = read('<dd', ARGV[1], at)
  local number = string.format('%.0f', stamp)
  local readable, m = pcall(message_find, number) -- one that another program wrote holds no other up
  local held = readable and m and m.state == LEASED and m.fence == fence
  if held then
    m.ends = ends
    message_touch(number, m)
    call('ZADD', LEASED_SET, 'XX', ends, m.lane)
  end
  reply[#reply + 1] = held and 1 or 0
end
return reply
