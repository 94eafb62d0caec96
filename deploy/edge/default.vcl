# Varnish 7 in front of stagedoor: the lines of queues, and what never changes, are answered from memory. Anything else
# goes to a process as it came. See docs/edge.md.
vcl 4.1;

import std;

include "origins.vcl";

sub vcl_recv {
    set req.backend_hint = origins.backend();
    unset req.http.X-Line;
    if (req.restarts == 0) {
        unset req.http.X-Stale;
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    if (req.url ~ "(?i)^/api/v1/rooms/[0-9a-f-]{36}/line(/[0-9]+)?(\?|$)") {
        # One object for all spellings of an address: no query, which the service ignores, and ids in lower case.
        set req.url = std.tolower(regsub(req.url, "\?.*$", ""));
        set req.http.X-Line = "1";
        # The bodies are the same for all who wait. While the service answers, an old one is given out for at most 2 s.
        if (req.http.X-Stale) {
            set req.grace = 60s;
        } elsif (std.healthy(req.backend_hint)) {
            set req.grace = 2s;
        }
    } elsif (req.url !~ "^/pages/.+\.[a-z0-9]+(\?|$)" && req.url !~ "^/api/v1/concerts/[^/]+/poster/") {
        return (pass);
    } elsif (req.http.Authorization) {
        # The poster of a draft is for its organizer.
        return (pass);
    }
    unset req.http.Authorization;
    unset req.http.Cookie;
    unset req.http.Origin;
    return (hash);
}

sub vcl_hash {
    hash_data(req.url);
    # The host is chosen by the client: it must not make more copies of a line.
    if (!req.http.X-Line) {
        hash_data(req.http.host);
    }
    return (lookup);
}

sub vcl_backend_fetch {
    unset bereq.http.X-Line;
    unset bereq.http.X-Stale;
}

sub vcl_backend_response {
    if (bereq.url ~ "^/api/v1/rooms/[0-9a-f-]{36}/line(/[0-9]+)?$") {
        unset beresp.http.Set-Cookie;
        unset beresp.http.X-Request-Id;
        # Pages of other sites may read it too: it is public, and no request for it has a token.
        set beresp.http.Access-Control-Allow-Origin = "*";
        if (beresp.status >= 500) {
            # An old body is better than none.
            if (bereq.is_bgfetch) {
                return (abandon);
            }
            set beresp.ttl = 0s;
            set beresp.grace = 0s;
            return (deliver);
        }
        if (beresp.status == 200) {
            # The service compresses long bodies once for all; blocks are short, and mostly zeros.
            set beresp.do_gzip = true;
            # Given out while no process answers.
            set beresp.grace = 60s;
            # Kept longer for requests with If-None-Match to a process.
            set beresp.keep = 60s;
        } else {
            set beresp.ttl = 1s;
            set beresp.grace = 0s;
        }
        return (deliver);
    }
    # The rest follows `Cache-Control`, by the rules that Varnish adds to these.
}

sub vcl_deliver {
    # No process answered, and no probe has noticed it yet: once more, with the old body.
    if (req.http.X-Line && resp.status >= 500 && req.restarts == 0) {
        set req.http.X-Stale = "1";
        return (restart);
    }
    unset resp.http.Via;
    unset resp.http.X-Varnish;
}
