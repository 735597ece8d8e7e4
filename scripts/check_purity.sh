#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rooms without doors, checked where no macro can hide anything: the symbols that their libraries ask others for.
#
# usage: check_purity.sh PURE.a... [-- IMPURE.a...]
# Fails when a library before the -- asks for a file, a socket, the clock, the environment, a process or a thread;
# and when one after it does not, for then this check is blind.
set -eu

doors='open|openat|creat|fopen|fdopen|freopen|read|write|pread|pwrite|readv|writev|close|unlink|unlinkat|rename|renameat'
doors="$doors|renameat2|mkdir|mkdirat|rmdir|opendir|readdir|stat|lstat|fstat|fstatat|access|faccessat|chmod|flock"
doors="$doors|mkstemp|mkdtemp|tmpfile|puts|printf|fprintf|vfprintf|perror|stdin|stdout|stderr|syscall|ioctl|fcntl"
doors="$doors|socket|connect|bind|listen|accept|send|sendto|recv|recvfrom|poll|select|getaddrinfo|gethostbyname"
doors="$doors|time|clock|clock_gettime|gettimeofday|ftime|localtime|localtime_r|gmtime|gmtime_r|mktime|tzset|sleep|usleep"
doors="$doors|nanosleep|getenv|secure_getenv|setenv|putenv|environ|__environ|getpid|getuid|geteuid|gethostname|uname"
doors="$doors|fork|vfork|execv|execve|execvp|system|popen|dlopen|pthread_create|thrd_create|rand|random|getrandom"
doors="$doors|BIO_new_file|BIO_new_fp|BIO_new_fd|BIO_read_filename|BIO_s_file|BIO_new_socket|BIO_new_connect"
doors="$doors|X509_STORE_set_default_paths[a-z_]*|X509_STORE_load_[a-z]*|X509_LOOKUP_file|X509_LOOKUP_hash_dir"
doors="$doors|X509_cmp_current_time|X509_time_adj[_ex]*|X509_gmtime_adj|ASN1_TIME_set_string_X509_now"
doors="$doors|PEM_read_[A-Z0-9a-z]*_fp|OPENSSL_init_from_file|CONF_modules_load_file"
cxx='std::(__cxx11::)?basic_([io]?fstream|filebuf)|std::filesystem|std::chrono::_V2::[a-z_]*clock::now|std::thread'
cxx="$cxx|std::(cout|cerr|clog|cin)\$|std::random_device|std::condition_variable|std::this_thread"

# Prints the doors that a library asks for. Versions (@GLIBC), 64-bit names and fortified ones count as the plain ones.
doors_of() {
  nm --undefined-only --format=posix "$1" | sed -n 's/ [Uw].*//p' |
    sed -E 's/@.*//; s/^__(.*)_chk$/\1/; s/64(_time64)?$//; s/^__isoc[0-9]*_//' | sort -u | c++filt |
    grep -E "^($doors)\$|$cxx" || true
}

status=0
wanted=closed
for library in "$@"; do
  if [ "$library" = -- ]; then
    wanted=open
    continue
  fi
  [ -r "$library" ] || { echo "purity: no library $library"; exit 1; }
  found=$(doors_of "$library")
  if [ $wanted = closed ] && [ -n "$found" ]; then
    echo "purity: $(basename "$library") must not ask for:"
    echo "$found" | sed 's/^/  /'
    status=1
  elif [ $wanted = open ] && [ -z "$found" ]; then
    echo "purity: $(basename "$library") does I/O, yet this check sees none of it"
    status=1
  else
    echo "purity: $(basename "$library") is $wanted, as it must be"
  fi
done
exit $status
