-- Looks whether a claim is still in progress; changes nothing.
-- KEYS  record
-- Returns how long its lease still holds in microseconds; 0 if it ended, was abandoned or is not there.
-- A script because the lease's end is compared with the server's clock.
local record = claim_read(redis.call('GET', KEYS[1]), now)
if record and record.state == 'P' and record.deadline > now then
  return {string.format('%.0f', math.ceil(record.deadline - now))}
end
return {0}
