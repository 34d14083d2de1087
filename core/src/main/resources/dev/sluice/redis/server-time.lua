-- The server's clock in whole microseconds: no caller's clock ever decides anything.
local server_time = redis.call('TIME')
local now = server_time[1] * 1000000 + server_time[2]
