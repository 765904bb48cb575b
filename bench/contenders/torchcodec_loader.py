"""torchcodec_loader.py CLIPS EPOCHS BATCH FILE...: clips of 16 frames, 2 apart, at 224x224 float32 normalised, through a
PyTorch DataLoader of two workers. Prints the seconds of each epoch after the first, as JSON."""

import json
import sys
import time

import torch
from torch.utils.data import DataLoader, Dataset
from torchcodec import samplers, transforms
from torchcodec.decoders import VideoDecoder

MEAN = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
STD = torch.tensor([0.229, 0.224, 0.225])[:, None, None]


class Clips(Dataset):
    def __init__(self, files, clips):
        self.files = files
        self.clips = clips

    def __len__(self):
        return len(self.files)

    def __getitem__(self, at):
        decoder = VideoDecoder(
            self.files[at], seek_mode="approximate", transforms=[transforms.Resize((224, 224))]
        )
        drawn = samplers.clips_at_random_indices(
            decoder, num_clips=self.clips, num_frames_per_clip=16, num_indices_between_frames=2
        )
        return (drawn.data.float() / 255 - MEAN) / STD


def main():
    clips, epochs, batch = (int(argument) for argument in sys.argv[1:4])
    files = sys.argv[4:]
    torch.set_num_threads(1)
    loader = DataLoader(
        Clips(files, clips), batch_size=batch, num_workers=2, shuffle=True, persistent_workers=True
    )
    seconds = []
    for _ in range(epochs + 1):
        start = time.perf_counter()
        items = sum(len(batch) for batch in loader)
        seconds.append(time.perf_counter() - start)
        assert items == len(files)
    print(json.dumps(seconds[1:]))


if __name__ == "__main__":
    main()
