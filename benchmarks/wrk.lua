-- Sends requests prepared in a file: the method, then pairs of lines with path and body. Prints what happened as JSON.
local prepared = {}
local position = 0

init = function(args)
  local lines = io.lines(args[1])
  local method = lines()
  local token = lines()
  wrk.headers["Authorization"] = "Bearer " .. token
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Accept"] = "application/json"
  while true do
    local path = lines()
    if path == nil then break end
    local body = lines()
    if body == "" then body = nil end
    table.insert(prepared, wrk.format(method, path, nil, body))
  end
end

request = function()
  position = position % #prepared + 1
  return prepared[position]
end

done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    "RESULT {\"requests\": %d, \"microseconds\": %d, \"refused\": %d, \"broken\": %d, \"p50\": %d, \"p99\": %d}\n",
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
