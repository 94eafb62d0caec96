-- Sends the requests of a file in turn. Arguments: the file, the status that is expected.
local threads = {}
local requests, next_one = {}, 0

function setup(thread)
   table.insert(threads, thread)
end

function init(args)
   local file = assert(io.open(args[1], "rb"))
   for length in function() return file:read("*l") end do
      requests[#requests + 1] = file:read(tonumber(length))
   end
   file:close()
   expected = tonumber(args[2])
   failed = 0
end

function request()
   next_one = next_one % #requests + 1
   return requests[next_one]
end

function response(status)
   if status ~= expected then failed = failed + 1 end
end

function done(summary, latency)
   local wrong = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
   for _, thread in ipairs(threads) do wrong = wrong + thread:get("failed") end
   print(string.format(
      'summary {"requests":%d,"microseconds":%d,"failed":%d,"p50":%d,"p95":%d,"p99":%d}',
      summary.requests, summary.duration, wrong,
      latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
