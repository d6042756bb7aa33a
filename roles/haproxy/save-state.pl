#!/usr/bin/perl
# Written by pgrun: a change made here is lost at its next run.
#
# Saves which servers are up for the process that a reload starts: without it,
# that process takes every server for up until its first check, and leads
# writers to a replica. A saved address or port wins over the configuration's,
# so servers whose place in the configuration changed are left out.
use strict;
use warnings;
use IO::Socket::UNIX;

my ($socket, $config, $file) = @ARGV;
unlink $file; # an old state is worse than none

open my $in, '<', $config or die "$config: $!\n";
my %configured = map { chomp; $_ => 1 } <$in>;
close $in;

my $haproxy = IO::Socket::UNIX->new(Peer => $socket) or die "$socket: $!\n";
$SIG{ALRM} = sub { die "$socket: no answer\n" };
alarm 5;
print $haproxy "show servers state\n";
my @lines = <$haproxy>;
alarm 0;

open my $out, '>', "$file.new" or die "$file.new: $!\n";
for (@lines) {
    my @field = split ' ';
    if (@field > 1 and $field[0] =~ /^\d+$/) {
        next unless @field == 25; # no version writes other lines yet
        my ($name, $address, $port, $check) = @field[3, 4, 18, 21];
        $address = "[$address]" if $address =~ /:/;
        next unless $configured{"    server $name $address:$port check port $check"};
        $field[24] = 0; # of an agent, which there is none
        $_ = "@field\n";
    }
    print $out $_;
}
close $out or die "$file.new: $!\n";
rename "$file.new", $file or die "$file: $!\n";
