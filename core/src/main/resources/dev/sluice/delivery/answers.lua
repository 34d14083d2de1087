-- Reads kept answers, as many as fit into a reply. Changes nothing.
-- KEYS  records of claims that share a hash tag
-- ARGV  1 after how many bytes to stop
-- Returns how many records were looked at, 1 or more; then of each its answer, empty if it has none
-- One step only because that is faster.
local reply, bytes = { 0 }, 0
for i = 1, #KEYS do
  -- What another program wrote, or cut, keeps no other from being read.
  local raw = redis.pcall('GET', KEYS[i])
  local readable, record = pcall(claim_read, type(raw) ~= 'table' and raw, now)
  local answer = readable and record and (record.state == 'C' or record.state == 'F' or record.state == 'H') and record.payload or ''
  bytes = bytes + #answer
  if i > 1 and bytes > tonumber(ARGV[1]) then
    break
  end
  reply[1], reply[1 + i] = i, answer
end
return reply
