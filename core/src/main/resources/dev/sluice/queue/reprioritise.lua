-- Gives a message another rank.
-- KEYS  what the queue's names start with; what its limits' start with
-- ARGV  the message's number; the rank
-- Returns what became of it, as changes.lua says
-- Atomic because it may be leased at the same moment.
local number, rank = ARGV[1], tonumber(ARGV[2])
lanes_open(true)
local m = message_find(number)
local became = 1
if not m then
  became = 4
elseif m.state == LEASED then
  became = 2
elseif m.state ~= QUEUED and m.state ~= AGAIN and m.state ~= RETRYING and m.state ~= DELAYED then
  became = 3
elseif m.rank ~= rank then
  local before, send = m.rank, send_of(m.flags)
  m.rank = rank
  message_touch(number, m)
  if m.state == RETRYING then
    -- It stays in front, and holds its lane as long as it did.
    call('ZADD', LANE .. m.lane, place_in_front(rank * 3 + send, 0), number)
    count('depth:' .. RANKS[before], -1)
    count('depth:' .. RANKS[rank], 1)
    count('retrying:' .. RANKS[before], -1)
    count('retrying:' .. RANKS[rank], 1)
    if call('ZREM', READY[before * 3 + send], m.lane) == 1 then
      lane_joins(m.lane)
    end
  elseif m.state ~= DELAYED then
    lane_remove(m.lane, number, before)
    lane_add(m.lane, number, rank, send)
  end
end
lanes_announce()
lanes_close()
return { became }
