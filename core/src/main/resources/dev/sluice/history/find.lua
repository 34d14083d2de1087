-- Finds, on one part of Redis, the histories that have something of a user or are being loaded, a bounded number of keys at a time.
-- KEYS  a name that is never a key: while its slot is on the move this is refused, rather than run on the other node
-- ARGV  1 where to go on, 0 to begin; 2 pattern of the keys; 3 about how many to look at; 4 the user; 5 what the keys of their own chats begin with
-- Returns {where to go on or 0, then the keys}
-- SCAN and no list of a user's chats: such a list would lie in another slot than they do, and could not be kept in the same step. What it
-- reads lies on this node, since this node has just named it; but for keys of a slot that is on the move, which are left out.
local found = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
local reply = { found[1] }
for _, key in ipairs(found[2]) do
  local own = string.sub(key, 1, #ARGV[5]) == ARGV[5]
  local fields = own and {} or redis.pcall('HMGET', key, 'i', 'f')
  if own or fields[2] or fields[1] and string.find(fields[1], ' ' .. ARGV[4] .. ' %x+\n') then
    reply[#reply + 1] = key
  end
end
return reply
