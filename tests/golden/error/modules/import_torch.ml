import torch # error[E0405]: torch
