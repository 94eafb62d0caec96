# The processes of stagedoor: one backend for each. `default.vcl` includes this file.
vcl 4.1;

import directors;

probe ready {
    .url = "/readyz";
    .interval = 2s;
    .timeout = 1s;
    .window = 4;
    .threshold = 2;
}

backend first { .host = "127.0.0.1"; .port = "8080"; .probe = ready; }
backend second { .host = "127.0.0.1"; .port = "8081"; .probe = ready; }

sub vcl_init {
    new origins = directors.round_robin();
    origins.add_backend(first);
    origins.add_backend(second);
}
