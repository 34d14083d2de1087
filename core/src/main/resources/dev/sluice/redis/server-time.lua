-- The server's clock in whole microseconds: no caller's clock ever decides anything.
local now
do
  local server_time = redis.call('TIME')
  now = server_time[1] * 1000000 + server_time[2]
end
